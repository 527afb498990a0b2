import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { AfmElement } from '../afm/afm-document.js';
import type { NodeReader } from '../afm/node-reader.js';
import { attributeOf } from './input-columns.js';

const MODEL = 'QuantileModel';
const AVERAGE = /^average( ascend)?$/i;
const CUSTOMIZE = /^customi[sz]e$/i;

export interface Quantile {
  /** Input column that is put into bins. */
  readonly source: string;
  readonly name: string;
  readonly value: Sql;
}

/** The bins that a Variable operator computes (operators.md 1.5); the names of the attributes are inferred. */
export function quantilesOf(node: NodeReader): Quantile[] {
  const model = node.model(MODEL);
  return (model?.children ?? []).flatMap((item) => quantileOf(node, item) ?? []);
}

function quantileOf(node: NodeReader, item: AfmElement): Quantile | null {
  const { attributes } = item;
  const source = attributeOf(attributes, 'columnName');
  const name = attributeOf(attributes, 'newColumnName');
  if (source === null || name === null) {
    node.problem(MODEL, 'a quantile variable lacks "columnName" or "newColumnName"');
    return null;
  }
  const type = attributeOf(attributes, 'quantileType') ?? 'Average Ascend';
  if (AVERAGE.test(type)) {
    const bins = Number(attributeOf(attributes, 'numberOfBin') ?? NaN);
    if (!Number.isInteger(bins) || bins < 1 || bins > 10_000) {
      node.problem(
        MODEL,
        `quantile "${name}": "numberOfBin" must be a whole number from 1 to 10000`,
      );
      return null;
    }
    // NULLs come last in the order, so that the bins of the others do not depend on them.
    const c = ident(source);
    const tile = sql`ntile(${bins}) OVER (PARTITION BY ${c} IS NULL ORDER BY ${c})`;
    return { source, name, value: sql`CASE WHEN ${c} IS NULL THEN NULL ELSE ${tile} END` };
  }
  if (CUSTOMIZE.test(type)) return customized(node, item, source, name);
  node.problem(MODEL, `quantile "${name}": "${type}" is neither Average Ascend nor Customize`);
  return null;
}

/** Bins by bounds (`lower`, `upper`) or by a comma list of `values`, numbered in their order. */
function customized(
  node: NodeReader,
  item: AfmElement,
  source: string,
  name: string,
): Quantile | null {
  const c = ident(source);
  const cases = item.children.flatMap(({ attributes }, i): Sql[] => {
    const values = attributeOf(attributes, 'values');
    if (values !== null) {
      const list = values.split(',').map((value) => sql`${value.trim()}`);
      return [sql`WHEN ${c}::text IN (${joinSql(list, ', ')}) THEN ${i + 1}`];
    }
    const bounds = [
      bound(attributeOf(attributes, 'lower', 'min'), (value) => sql`${c} >= ${value}`),
      bound(attributeOf(attributes, 'upper', 'max'), (value) => sql`${c} < ${value}`),
    ].flatMap((one) => one ?? []);
    return bounds.length === 0 ? [] : [sql`WHEN ${joinSql(bounds, ' AND ')} THEN ${i + 1}`];
  });
  if (cases.length === 0) {
    node.problem(MODEL, `quantile "${name}" has no bins`);
    return null;
  }
  return { source, name, value: sql`CASE ${joinSql(cases, ' ')} END` };
}

function bound(text: string | null, condition: (value: number) => Sql): Sql | null {
  const value = Number(text ?? NaN);
  return Number.isFinite(value) ? condition(value) : null;
}
