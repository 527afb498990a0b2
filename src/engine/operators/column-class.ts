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

export function shownTypeOf(type: string): ShownType {
  return SHOWN[classOf(type)];
}
