import { type Sql, trustedSql } from '../../common/sql/sql.js';
import type { Delivery } from './delivery.js';

export interface Answer {
  readonly rows: readonly Row[];
  /** Rows the command tag reports; null when it reports none. */
  readonly rowCount: number | null;
}

export type Row = Readonly<Record<string, unknown>>;

/** What an operator asks of whoever runs it. */
export type Request =
  | {
      readonly ask: 'sql';
      readonly statement: Sql;
      /** Part of the operator's SQL log: everything but look-ups in the catalogue and previews. */
      readonly logged: boolean;
      /** Only its row count is wanted: rows that it gives are not kept. */
      readonly dropsRows?: true;
      /** Planned once per session under this name: for look-ups whose text never changes. */
      readonly name?: string;
    }
  | CopyRequest
  | ExportRequest
  | {
      readonly ask: 'deliver';
      readonly delivery: Delivery;
    }
  | {
      readonly ask: 'tell';
      readonly level: 'progress' | 'warning';
      readonly message: string;
    };

/** Rows that go from the database of the operator's input into its own, past the operator. */
export interface CopyRequest {
  readonly ask: 'copy';
  /** `COPY … TO STDOUT`, executed where the input is. */
  readonly from: Sql;
  /** `COPY … FROM STDIN`, executed in the operator's own session. */
  readonly into: Sql;
}

/** Rows that become a file which people download, past the operator. */
export interface ExportRequest {
  readonly ask: 'export';
  /** `COPY … TO STDOUT`, executed in the operator's own session. */
  readonly from: Sql;
  readonly fileName: string;
}

export interface ExportedFile {
  readonly sizeBytes: number;
  /** Path of its download. */
  readonly path: string;
}

/**
 * The work of an operator as a sequence of SQL statements: it yields one, gets the answer, and decides on the next.
 * It holds no connection, so whoever runs it can stop between any two of them, and a test can run it without a
 * database. Rows stay in the data source: what comes back is a handful of numbers.
 */
export type Procedure<T> = Generator<Request, T, Answer>;

const NO_ANSWER: Answer = { rows: [], rowCount: null };

/** A statement without parameters, as `CREATE … AS` must be; values are written as literals. It answers with no rows. */
export function* execute(statement: Sql): Procedure<Answer> {
  const inlined = trustedSql(statement.inlined);
  return yield { ask: 'sql', statement: inlined, logged: true, dropsRows: true };
}

/** A query that belongs to the operator's work. */
export function* query<R extends Row = Row>(statement: Sql): Procedure<readonly R[]> {
  const { rows } = yield { ask: 'sql', statement: trustedSql(statement.inlined), logged: true };
  return rows as readonly R[];
}

/** A look into the catalogue, or at a result that is there already. */
export function* lookUp<R extends Row = Row>(
  statement: Sql,
  name?: string,
): Procedure<readonly R[]> {
  const { rows } = yield { ask: 'sql', statement, logged: false, ...(name && { name }) };
  return rows as readonly R[];
}

/** Streams rows from where the input is; the answer counts them. */
export function* copy(from: Sql, into: Sql): Procedure<Answer> {
  return yield { ask: 'copy', from: trustedSql(from.inlined), into: trustedSql(into.inlined) };
}

/** Makes a file of rows. */
export function* exportFile(
  from: Sql,
  fileName: string,
): Procedure<{ readonly file: ExportedFile; readonly rowCount: number | null }> {
  const { rows, rowCount } = yield { ask: 'export', from: trustedSql(from.inlined), fileName };
  const [file] = rows as unknown as readonly ExportedFile[];
  if (file === undefined) throw new Error('no file came of an export');
  return { file, rowCount };
}

/**
 * Hands over what the operator delivers before it has ended: those that take it begin beside the rest of its work. Only for
 * what is there without it.
 */
export function* deliver(delivery: Delivery): Procedure<void> {
  yield { ask: 'deliver', delivery };
}

/** Tells the person who watches the run how far a long operator is. */
export function* progress(message: string): Procedure<void> {
  yield { ask: 'tell', level: 'progress', message };
}

/** Tells about data or a result that is not as one would expect. */
export function* warn(message: string): Procedure<void> {
  yield { ask: 'tell', level: 'warning', message };
}

/** Runs a procedure to its end with somebody who answers. */
export async function perform<T>(
  procedure: Procedure<T>,
  answer: (request: Request) => Promise<Answer | undefined>,
): Promise<T> {
  let step = procedure.next(NO_ANSWER);
  while (step.done !== true) {
    let given: Answer | undefined;
    try {
      given = await answer(step.value);
    } catch (error) {
      // The operator may say more about it, or clean up.
      step = procedure.throw(error);
      continue;
    }
    step = procedure.next(given ?? NO_ANSWER);
  }
  return step.value;
}
