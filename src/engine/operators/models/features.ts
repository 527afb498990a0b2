import { ident, joinSql, type Sql, sql } from '../../../common/sql/sql.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import type { Procedure } from '../procedure.js';
import { attributesOf } from './attributes.js';
import type { Feature, ModelPart } from './model.js';

const MAX_FEATURES = 200;

/** The features that columns become: a categorical one has one per value but the first (operators.md 2.0). */
export function* featuresOf(
  operator: string,
  input: Relation,
  columns: readonly string[],
  used: Sql,
): Procedure<Feature[]> {
  const attributes = yield* attributesOf(operator, input, columns, used);
  const features = attributes.flatMap(({ column, values }): Feature[] =>
    values === null
      ? [{ name: column, column, category: null }]
      : values.slice(1).map((value) => ({ name: `${column}_${value}`, column, category: value })),
  );
  if (features.length > MAX_FEATURES)
    throw new OperatorFailed(
      operator,
      `${features.length} features; at most ${MAX_FEATURES} are supported`,
    );
  return features;
}

/** The feature of a row, a double. */
export function featureSql({ column, category }: Feature): Sql {
  const c = ident(column);
  return category === null
    ? sql`${c}::float8`
    : sql`(CASE WHEN ${c} IS NULL THEN NULL WHEN ${c}::text = ${category} THEN 1 ELSE 0 END)::float8`;
}

/** None of the columns is NULL. */
export function present(columns: readonly string[]): Sql {
  if (columns.length === 0) return sql`true`;
  return joinSql(
    [...new Set(columns)].map((name) => sql`${ident(name)} IS NOT NULL`),
    ' AND ',
  );
}

/** What was computed of the data is no number. */
export class NotFinite extends Error {
  constructor() {
    super('the data holds NaN or infinite values, or numbers too large to compute with');
    this.name = 'NotFinite';
  }
}

/** A double with all its digits. @throws NotFinite */
export function exact(value: number): Sql {
  assertFinite([value]);
  return sql`(${value})::float8`;
}

/** @throws NotFinite */
export function assertFinite(values: readonly (number | null)[]): void {
  if (values.some((value) => value !== null && !Number.isFinite(value))) throw new NotFinite();
}

/** Intercept and weighted features; NULL when a feature is. */
export function linearSql({ features, coefficients }: Omit<ModelPart, 'when'>): Sql {
  const terms = features.map(
    (feature, i) => sql`${exact(coefficients[i + 1] ?? 0)} * ${featureSql(feature)}`,
  );
  return joinSql([exact(coefficients[0] ?? 0), ...terms], ' + ');
}

/** The linear combination of the part that a row belongs to; NULL when it belongs to none. */
export function partsSql(parts: readonly ModelPart[]): Sql {
  const [only] = parts;
  if (only?.when === null) return sql`(${linearSql(only)})`;
  const cases = parts.map(
    (part) =>
      sql`WHEN ${ident(part.when?.column ?? '')}::text = ${part.when?.value ?? ''} THEN ${linearSql(part)}`,
  );
  return sql`(CASE ${joinSql(cases, ' ')} END)`;
}

/** The input columns that a model reads. */
export function columnsUsed(parts: readonly ModelPart[]): string[] {
  return [
    ...new Set(
      parts.flatMap(({ when, features }) => [
        ...(when === null ? [] : [when.column]),
        ...features.map(({ column }) => column),
      ]),
    ),
  ];
}
