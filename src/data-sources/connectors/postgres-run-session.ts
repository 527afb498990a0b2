import pg from 'pg';
import { type Sql, sql, trustedSql } from '../../common/sql/sql.js';
import {
  ConnectionLost,
  type OwnHandle,
  type RowStream,
  type RunSession,
  type StatementResult,
} from './connector.js';
import type { MessageGuard } from './message-guard.js';
import { KEPT_LIMITS, type MessageLimits, STREAM_LIMITS } from './message-limits.js';
import { copyIn, copyOut } from './postgres-copy.js';
import { named } from './postgres-error.js';

const CLOSE_TIMEOUT_MS = 5000;
const BEGIN = sql`BEGIN`;
const BEGIN_IDENTIFIED = 'BEGIN; SELECT txid_current()::text AS id';

/** What pg's types do not tell of a client. */
interface WithStream {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** What a session knows of its server. */
export interface Server {
  /** It can end a transaction that is idle for too long: PostgreSQL 9.6 and newer. */
  readonly endsIdle: boolean;
  /** It can notice the loss of a client while a statement is at work: PostgreSQL 14 and newer. */
  readonly seesLostClients: boolean;
  /** The session's role may set what only superusers may. */
  readonly isSuperuser: boolean;
  readonly life: string | null;
}

/** One tagged PostgreSQL session of a run. */
export class PostgresRunSession implements RunSession {
  private connected = true;
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: pg.Client,
    private identity: OwnHandle,
    private readonly server: Server,
    private readonly guard: MessageGuard,
  ) {
    this.ended = new Promise((resolve) => {
      client.once('end', () => {
        this.connected = false;
        resolve();
      });
    });
  }

  get handle(): OwnHandle {
    return this.identity;
  }

  get life(): string | null {
    return this.server.life;
  }

  get alive(): boolean {
    return this.connected;
  }

  async execute(statement: Sql, name?: string): Promise<StatementResult> {
    this.next(KEPT_LIMITS);
    try {
      // The extended protocol takes one statement a call: text a user wrote cannot smuggle in a second one.
      const result = await this.client.query<Record<string, unknown>>({
        text: statement.text,
        values: [...statement.values],
        queryMode: 'extended',
        ...(name !== undefined && { name }),
      } as pg.QueryConfig);
      return { rows: result.rows, rowCount: result.rowCount };
    } catch (error) {
      throw named(error);
    }
  }

  async executeOnly(statement: Sql): Promise<number | null> {
    this.next(STREAM_LIMITS);
    const query = new pg.Query({
      text: statement.text,
      values: [...statement.values],
      queryMode: 'extended',
    } as pg.QueryConfig);
    try {
      return await new Promise((resolve, reject) => {
        // pg keeps no row that somebody listens to.
        query.on('row', () => undefined);
        query.on('error', reject);
        query.on('end', ({ rowCount }) => {
          resolve(rowCount);
        });
        this.client.query(query);
      });
    } catch (error) {
      throw named(error);
    }
  }

  async begin(identified: boolean): Promise<string | null> {
    if (!identified) {
      await this.execute(BEGIN);
      return null;
    }
    this.next(KEPT_LIMITS);
    try {
      // Two statements of ours in one round trip.
      const results = (await this.client.query(BEGIN_IDENTIFIED)) as unknown as pg.QueryResult[];
      const [row] = (results.at(-1)?.rows ?? []) as { id: string }[];
      return row?.id ?? null;
    } catch (error) {
      throw named(error);
    }
  }

  async rename(tag: string): Promise<void> {
    await this.execute(sql`SELECT set_config('application_name', ${tag}, false)`);
    this.identity = { ...this.identity, tag };
  }

  async commitWithin(ms: number): Promise<void> {
    if (this.server.endsIdle)
      await this.execute(trustedSql(`SET LOCAL idle_in_transaction_session_timeout = ${ms}`));
  }

  destroy(): void {
    (this.client as unknown as WithStream).connection.stream.destroy();
  }

  copyOut(statement: Sql): RowStream {
    this.guard.renew(STREAM_LIMITS);
    return copyOut(this.client, statement.inlined);
  }

  copyIn(statement: Sql, stream: RowStream): Promise<number> {
    this.guard.renew(STREAM_LIMITS);
    return copyIn(this.client, statement.inlined, stream);
  }

  async close(): Promise<void> {
    if (!this.connected) return;
    void this.client.end().catch(() => undefined);
    const timeout = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    await Promise.race([
      this.ended,
      new Promise<void>((resolve) => {
        timeout.addEventListener('abort', () => {
          // The server does not answer; whether its session lives is for the proof to find out.
          this.destroy();
          resolve();
        });
      }),
    ]);
  }

  private next(limits: MessageLimits): void {
    if (!this.connected) throw new ConnectionLost('the session has ended');
    this.guard.renew(limits);
  }
}
