import pg from 'pg';
import type { ApiSession } from '../demo/api-session.js';
import { bigFlow, chainFlow } from './engine-flows.js';

const WORKFILE = 1_000_005;
const OPERATORS = 50;
const ROUNDS = 15;
const BIG_ROWS = 10_000_000;
const BIG_ROUNDS = 5;
/** A server that runs workflows all day has its code and its statements compiled. */
const WARM_UP = 5;
const BIG_WARM_UP = 1;
/** Longer than most runs: whoever asks takes time from the run. */
const ASK_EVERY_MS = 500;

export interface EngineFigures {
  /** Median over the rounds, milliseconds. */
  readonly handMs: number;
  readonly productMs: number;
  readonly operators: number;
}

interface Measure {
  readonly rounds: number;
  readonly warmUp: number;
  /** It writes so much that the checkpoints of one side would fall into the time of the other. */
  readonly isLarge: boolean;
}

/** The engine against the same SQL, sent by hand in one session, each operator in its transaction. */
export class EngineOverhead {
  private constructor(
    private readonly session: ApiSession,
    private readonly metadata: pg.Client,
    private readonly data: pg.Client,
    private readonly dataUrl: string,
  ) {}

  /** @param url superuser address of the metadata */
  static async on(session: ApiSession, url: string): Promise<EngineOverhead> {
    const dataUrl = new URL(url);
    dataUrl.pathname = '/default';
    const [metadata, data] = [url, dataUrl.href].map(
      (connectionString) => new pg.Client({ connectionString }),
    ) as [pg.Client, pg.Client];
    await Promise.all([metadata.connect(), data.connect()]);
    return new EngineOverhead(session, metadata, data, dataUrl.href);
  }

  async close(): Promise<void> {
    await Promise.all([this.metadata.end(), this.data.end()]);
  }

  /** A chain of small filters: what is left is the engine itself. */
  smallOperators(): Promise<EngineFigures> {
    return this.compare(chainFlow(OPERATORS), { rounds: ROUNDS, warmUp: WARM_UP, isLarge: false });
  }

  /** Filter, join and aggregation of ten million rows: what counts is the data source. */
  async tenMillionRows(): Promise<EngineFigures> {
    await this.data.query(
      `CREATE TABLE demo.big AS SELECT i AS id, i % 1000 AS customer, (i::bigint * 7919 % 10007)::numeric AS amount
       FROM generate_series(1, ${BIG_ROWS}) i`,
    );
    await this.data.query(
      `CREATE TABLE demo.customers AS SELECT i AS customer, 'region ' || i % 12 AS region FROM generate_series(0, 999) i`,
    );
    await this.data.query('VACUUM ANALYZE demo.big, demo.customers');
    await this.data.query('GRANT SELECT ON demo.big, demo.customers TO fermata_demo');
    return this.compare(bigFlow(), { rounds: BIG_ROUNDS, warmUp: BIG_WARM_UP, isLarge: true });
  }

  /** Takes turns, after a warm-up of both. */
  private async compare(afm: string, { rounds, warmUp, isLarge }: Measure): Promise<EngineFigures> {
    await this.metadata.query('UPDATE workfile_flows SET afm = $2 WHERE workfile_id = $1', [
      WORKFILE,
      afm,
    ]);
    const { steps } = await this.run();
    await this.byHand(steps);
    const hand: number[] = [];
    const product: number[] = [];
    let operators = 0;
    for (let round = 1 - warmUp; round < rounds; round += 1) {
      if (isLarge) await this.settled();
      const handMs = await this.byHand(steps);
      if (isLarge) await this.settled();
      const run = await this.run();
      if (round < 0) continue;
      hand.push(handMs);
      product.push(run.ms);
      operators = run.steps.length;
    }
    return { handMs: median(hand), productMs: median(product), operators };
  }

  /** What one side has written is not left for the other to bring to disk. */
  private async settled(): Promise<void> {
    await this.metadata.query('CHECKPOINT');
  }

  /** In a session of its own, as a run has. */
  private async byHand(steps: readonly (readonly string[])[]): Promise<number> {
    const from = performance.now();
    const session = new pg.Client({ connectionString: this.dataUrl });
    await session.connect();
    for (const statements of steps) {
      await session.query('BEGIN');
      for (const statement of statements)
        await session.query(statement.replace(/^DROP (TABLE|VIEW) (?!IF)/, 'DROP $1 IF EXISTS '));
      await session.query('COMMIT');
    }
    await session.end();
    const ms = performance.now() - from;
    // The product's tables must be there again, and its own.
    for (const [statement] of steps.map((one) => one.filter((text) => text.startsWith('CREATE')))) {
      const [, name] = /^CREATE TABLE (\S+) AS/.exec(statement ?? '') ?? [];
      if (name !== undefined) await this.data.query(`ALTER TABLE ${name} OWNER TO fermata_demo`);
    }
    return ms;
  }

  private async run(): Promise<{ ms: number; steps: string[][] }> {
    const started = await this.session.call('POST', `/api/workfiles/${WORKFILE}/run`);
    const path = started.headers.location ?? '';
    for (;;) {
      const { body } = await this.session.call('GET', path);
      if (body['status'] === 'failed') throw new Error(JSON.stringify(body['error']));
      if (body['status'] === 'succeeded') {
        const time = (name: string) => Date.parse(String(body[name]));
        const steps = body['steps'] as { statements: string[] }[];
        // Drops of the run before belong to replacing an output: the hand has them too.
        return {
          ms: time('ended_at') - time('started_at'),
          steps: steps.map(({ statements }) => withDrop(statements)),
        };
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}

/** Each table that a step makes is dropped before, as the product does when it replaces one. */
function withDrop(statements: readonly string[]): string[] {
  return statements.flatMap((statement) => {
    const [, name] = /^CREATE TABLE (\S+) AS/.exec(statement) ?? [];
    const isDropped =
      name === undefined || statements.some((one) => one.startsWith(`DROP TABLE ${name}`));
    return isDropped ? [statement] : [`DROP TABLE ${name}`, statement];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
