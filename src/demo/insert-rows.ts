import type { QueryRunner } from 'typeorm';
import { ident } from '../common/sql/sql.js';

type Row = Readonly<Record<string, unknown>>;

/** Inserts rows that all have the columns of the first; keys are column names. */
export async function insertRows(
  db: QueryRunner,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values: unknown[] = [];
  const tuples = rows.map((row) => {
    const places = columns.map((column) => `$${values.push(row[column])}`);
    return `(${places.join(', ')})`;
  });
  const names = columns.map((column) => ident(column).text).join(', ');
  await db.query(`INSERT INTO ${ident(table).text} (${names}) VALUES ${tuples.join(', ')}`, values);
}
