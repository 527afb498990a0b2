import { type Sql, trustedSql } from '../../common/sql/sql.js';

const NAMES: Readonly<Record<string, string>> = {
  DOUBLE: 'double precision',
  DATETIME: 'timestamp',
};
const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_ ]*(\(\d+(,\s*\d+)?\))?$/;

/** The SQL type that a file's type name stands for (operators.md 0.4); null when it is not a type name. */
export function columnType(name: string): Sql | null {
  const known = NAMES[name.toUpperCase()] ?? name;
  return PLAIN_NAME.test(known) ? trustedSql(known.toLowerCase()) : null;
}
