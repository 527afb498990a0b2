import type { EventEmitter } from 'node:events';
import type pg from 'pg';
import { settledWithin } from '../../common/settled-within.js';
import { ConnectionLost, type OwnHandle } from './connector.js';
import { hangUp } from './hang-up.js';
import type { MessageGuard } from './message-guard.js';
import { named } from './postgres-error.js';
import { PostgresSqlCursor } from './postgres-sql-cursor.js';
import type { SqlCursor, SqlField, SqlSession } from './sql-session.js';

const CLOSE_TIMEOUT_MS = 5000;
const NOTICES_KEPT = 100;
const NOTICE_LENGTH = 1000;

const TYPE_NAMES = `SELECT pg_catalog.format_type(f.id, f.modifier) AS name
  FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS f (id, modifier, i) ORDER BY f.i`;

/** What pg's types do not tell of a client. */
interface WithConnection {
  readonly connection: EventEmitter & { readonly stream: { destroy(): void } };
}

/** The server's own words for what ends a transaction and keeps its work. */
const KEPT = /^(COMMIT|PREPARE TRANSACTION)$/;

/** One tagged PostgreSQL session for text that a user wrote. */
export class PostgresSqlSession implements SqlSession {
  readonly notices: string[] = [];
  endedItself = false;
  private readonly ended: Promise<void>;
  private connected = true;
  private busy = false;
  private inTransaction = false;

  constructor(
    private readonly client: pg.Client,
    readonly handle: OwnHandle,
    private readonly guard: MessageGuard,
    private readonly endsIdle: boolean,
  ) {
    client.on('notice', ({ severity, message }) => {
      if (this.notices.length < NOTICES_KEPT)
        this.notices.push(`${severity ?? 'NOTICE'}: ${message ?? ''}`.slice(0, NOTICE_LENGTH));
    });
    this.ended = new Promise((resolve) => {
      client.once('end', () => {
        this.connected = false;
        resolve();
      });
    });
    const { connection } = client as unknown as WithConnection;
    connection.on('commandComplete', ({ text }: { text: string }) => {
      if (this.inTransaction && KEPT.test(text)) this.endedItself = true;
    });
    connection.on('readyForQuery', ({ status }: { status: string }) => {
      if (this.inTransaction && status === 'I') this.endedItself = true;
    });
  }

  async begin({ readOnly }: { readonly readOnly: boolean }): Promise<void> {
    await this.command(readOnly ? 'BEGIN READ ONLY' : 'BEGIN');
    this.inTransaction = true;
  }

  async rollback(): Promise<void> {
    this.inTransaction = false;
    await this.command('ROLLBACK');
  }

  async commitWithin(ms: number): Promise<void> {
    // Behind the text's own COMMIT there is none to be bound.
    if (this.endsIdle && !this.endedItself)
      await this.command(`SET LOCAL idle_in_transaction_session_timeout = ${ms}`);
  }

  async commit(): Promise<void> {
    this.inTransaction = false;
    await this.command('COMMIT');
  }

  open(statement: string): SqlCursor {
    const cursor = new PostgresSqlCursor(this.client, statement);
    return {
      next: (maxRows) => {
        this.guard.renew();
        return this.whileBusy(() => cursor.next(maxRows));
      },
      close: () => this.whileBusy(() => cursor.close()),
    };
  }

  async typeNames(fields: readonly SqlField[]): Promise<readonly string[]> {
    const ids = fields.map(({ typeId }) => typeId);
    const modifiers = fields.map(({ typeModifier }) => typeModifier);
    return this.whileBusy(async () => {
      try {
        const { rows } = await this.client.query<{ name: string }>(TYPE_NAMES, [ids, modifiers]);
        return rows.map(({ name }) => name);
      } catch (error) {
        throw named(error);
      }
    });
  }

  async close(): Promise<void> {
    // The library drops a busy connection without a word: there is nothing to wait for then.
    const isHeard = this.connected && !this.busy;
    void hangUp(this.client, CLOSE_TIMEOUT_MS);
    if (isHeard) await settledWithin(this.ended, CLOSE_TIMEOUT_MS);
  }

  destroy(): void {
    (this.client as unknown as WithConnection).connection.stream.destroy();
  }

  private async command(text: string): Promise<void> {
    await this.whileBusy(async () => {
      try {
        await this.client.query(text);
      } catch (error) {
        throw named(error);
      }
    });
  }

  private async whileBusy<T>(work: () => Promise<T>): Promise<T> {
    this.busy = true;
    const result = await this.whileConnected(work);
    // After an error it stays busy: whether the server is ready again is not known here.
    this.busy = false;
    return result;
  }

  /**
   * Rejects when the connection has ended: a cursor whose answer is cut off behind its rows would wait for ever. A race with
   * one promise of the whole session would keep every result, all rows of a download, until the session ends.
   */
  private whileConnected<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const lost = () => {
        reject(new ConnectionLost('the connection has ended'));
      };
      if (!this.connected) {
        lost();
        return;
      }
      this.client.once('end', lost);
      void work()
        .then(resolve, reject)
        .finally(() => this.client.off('end', lost));
    });
  }
}
