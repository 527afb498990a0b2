import { ident, type Sql, sql } from '../../common/sql/sql.js';
import type { Column } from '../flow-plan.js';
import type { ShownType } from './report.js';

/** What may be done with a column (operators.md 0.4). */
export type ColumnClass = 'numeric' | 'categorical' | 'datetime' | 'other';

const CLASSES: readonly (readonly [RegExp, ColumnClass])[] = [
  [/^(smallint|integer|bigint|real|double precision|numeric)\b(?!.*\[\])/, 'numeric'],
  [/^(text|character|character varying|boolean|"char"|name|uuid)\b(?!.*\[\])/, 'categorical'],
  [/^(date|time|timestamp)\b(?!.*\[\])/, 'datetime'],
];

/** @param type as `format_type()` prints it */
export function classOf(type: string): ColumnClass {
  return CLASSES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
}

const SHOWN: Readonly<Record<ColumnClass, ShownType>> = {
  numeric: 'number',
  categorical: 'cate',
  datetime: 'datetime',
  other: 'cate',
};

/** A value as text; dates as ISO 8601, whatever the data source's own style is (operators.md 0.6). */
export function printed(value: Sql, type: string): Sql {
  return /^(date|timestamp)\b(?!.*\[\])/.test(type)
    ? sql`(to_json(${value}) #>> '{}')`
    : sql`${value}::text`;
}

export function textOf({ name, type }: Column): Sql {
  return printed(ident(name), type);
}

export function shownTypeOf(type: string): ShownType {
  return SHOWN[classOf(type)];
}
