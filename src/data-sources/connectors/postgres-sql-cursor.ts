import Cursor from 'pg-cursor';
import type pg from 'pg';
import { named } from './postgres-error.js';
import type { SqlBatch, SqlCursor, SqlRow } from './sql-session.js';

type Connection = pg.Connection & { sendCopyFail(message: string): void };

/** COPY over the connection would leave both sides waiting for each other: the statement is told that it fails. */
class CopylessCursor extends Cursor<SqlRow> {
  handleCopyInResponse(connection: Connection): void {
    connection.sendCopyFail('COPY FROM STDIN is not possible here');
  }

  /** What COPY TO STDOUT sends is no result. */
  handleCopyData(): void {
    // let go
  }
}

// As the data source prints them: no rounding of numerics, no dates in the zone of this process.
const AS_PRINTED = {
  getTypeParser: () => (value: string) => value,
} as unknown as pg.CustomTypesConfig;

/** A portal: the server computes rows as they are fetched. */
export class PostgresSqlCursor implements SqlCursor {
  private readonly cursor: CopylessCursor;
  private done = false;
  private failed = false;

  constructor(client: pg.Client, statement: string) {
    this.cursor = client.query(
      new CopylessCursor(statement, [], { rowMode: 'array', types: AS_PRINTED }),
    );
  }

  next(maxRows: number): Promise<SqlBatch> {
    return new Promise((resolve, reject) => {
      // An error is followed by a second call when the server is ready again: the promise keeps the first.
      this.cursor.read(maxRows, (error: Error | null | undefined, rows, result) => {
        if (error) {
          this.failed = true;
          reject(named(error));
          return;
        }
        this.done = rows.length < maxRows;
        const fields = result.fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
          name,
          typeId: dataTypeID,
          typeModifier: dataTypeModifier,
        }));
        resolve({ fields, rows, done: this.done });
      });
    });
  }

  async close(): Promise<void> {
    if (!this.done && !this.failed) await this.cursor.close();
  }
}
