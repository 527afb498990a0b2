import { Injectable } from '@nestjs/common';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { SqlField, SqlRow } from '../connectors/sql-session.js';
import { columnDto, type SqlResultDto } from '../dto/sql-result.dto.js';
import { csvLines } from './csv.js';
import { SqlExecutor, type SqlTask } from './sql-executor.js';

/** Ad-hoc SQL as its clients want it: a result to show, or a file to download. */
@Injectable()
export class SqlResults {
  constructor(private readonly executor: SqlExecutor) {}

  /** The last statement's result (chorus-api.md 5.19, 9.11). @throws as `SqlExecutor.execute` */
  async show(task: SqlTask, gone: AbortSignal): Promise<SqlResultDto> {
    let fields: readonly SqlField[] = [];
    const rows: SqlRow[] = [];
    const sink = {
      fields: (found: readonly SqlField[]) => (fields = found),
      rows: (batch: readonly SqlRow[]) => void rows.push(...batch),
    };
    const { types, warnings } = await this.executor.execute(task, sink, gone);
    const columns = fields.map(({ name }, i) =>
      columnDto({ name, dataType: types[i] ?? '', description: null }),
    );
    return { columns, rows, warnings, complete_json: true };
  }

  /**
   * The last statement's rows as CSV, fetched as fast as the client reads. Resolves when the first rows are there: until
   * then an error is thrown; a later one breaks the stream off.
   */
  async download(task: SqlTask, gone: AbortSignal): Promise<Readable> {
    const stream = new PassThrough();
    const left = new AbortController();
    const stop = AbortSignal.any([gone, left.signal]);
    stream.once('close', () => {
      left.abort();
    });
    // What breaks it off reaches its reader, or whoever waits for it to begin.
    stream.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      const sink = {
        fields: (fields: readonly SqlField[]) => {
          stream.write(csvLines([fields.map(({ name }) => name)]));
          resolve(stream);
        },
        rows: async (rows: readonly SqlRow[]) => {
          if (stream.write(csvLines(rows))) return;
          // Whoever does not read any more is gone: the signal ends the waiting, the cancel ends the rest.
          await once(stream, 'drain', { signal: stop }).catch(() => undefined);
        },
      };
      this.executor.execute(task, sink, stop).then(
        () => stream.end(),
        (error: unknown) => {
          const cause = error instanceof Error ? error : new Error(String(error));
          reject(cause);
          stream.destroy(cause);
        },
      );
    });
  }
}
