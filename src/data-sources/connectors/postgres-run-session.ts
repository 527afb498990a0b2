import type pg from 'pg';
import type { Sql } from '../../common/sql/sql.js';
import {
  ConnectionLost,
  type KillHandle,
  type RunSession,
  StatementFailed,
  type StatementResult,
} from './connector.js';

const CLOSE_TIMEOUT_MS = 5000;

/** One tagged PostgreSQL session of a run. */
export class PostgresRunSession implements RunSession {
  private connected = true;
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: pg.Client,
    readonly handle: KillHandle,
  ) {
    this.ended = new Promise((resolve) => {
      client.once('end', () => {
        this.connected = false;
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.connected;
  }

  async execute(statement: Sql, name?: string): Promise<StatementResult> {
    if (!this.connected) throw new ConnectionLost('the session has ended');
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

  async close(): Promise<void> {
    if (!this.connected) return;
    void this.client.end().catch(() => undefined);
    const timeout = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
    await Promise.race([
      this.ended,
      new Promise<void>((resolve) => {
        timeout.addEventListener('abort', () => {
          resolve();
        });
      }),
    ]);
  }
}

/** SQLSTATE decides what an error is; one without it did not come from the server. */
function named(error: unknown): Error {
  const { message, code } = error as Error & { code?: string };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
    ? new StatementFailed(message, code, { cause: error })
    : new ConnectionLost(message, { cause: error });
}
