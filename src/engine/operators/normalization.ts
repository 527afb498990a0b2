import { ident, joinSql, type Sql, sql } from '../../common/sql/sql.js';
import type { Relation } from '../flow-plan.js';
import { assertClass, columnsOf, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { lookUp, type Procedure, warn } from './procedure.js';
import { readOutput } from './read-output.js';
import { storeAndShow } from './store.js';

const METHODS = {
  'Divide-By-Average': 'average',
  'Divide By Average Transformation': 'average',
  Proportion: 'proportion',
  'Proportion Transformation': 'proportion',
  'Z-Transformation': 'z',
  Range: 'range',
  'Range Transformation': 'range',
} as const;

/** Brings numeric columns to a common scale, in place (operators.md 1.12). A constant column becomes NULL. */
export const NORMALIZATION: OperatorKind = {
  title: 'Normalization',
  description: 'Brings numeric columns to a common scale.',
  types: ['normalization'],
  inputs: ONE_DATA_SET,
  delivers: 'data',
  read(node) {
    const chosen = node.requiredColumns('columnNames');
    const method = node.choice('method', METHODS, 'z');
    const low = node.decimal('rangeMin', 0, -1e300, 1e300);
    const high = node.decimal('rangeMax', 1, -1e300, 1e300);
    if (low >= high) node.problem('rangeMax', `"rangeMax" must be above "rangeMin" (${low})`);
    const output = readOutput(node);
    return {
      does: 'procedure',
      outputs: [output],
      *run({ data }, context) {
        const input = onlyInput(data);
        assertClass(node.name, columnsOf(node.name, input, chosen), ['numeric']);
        const stored = yield* storeAndShow(context, output, select(input));
        if (stored.delivery.kind === 'data' && stored.rowCount !== null && stored.rowCount > 0)
          yield* warnOfLost(stored.delivery.relation, chosen);
        return stored;
      },
    };

    function select(input: Relation): Sql {
      const statistics: Sql[] = [];
      const list = input.columns.map(({ name }) => {
        const column = sql`t.${ident(name)}`;
        const at = chosen.indexOf(name);
        if (at === -1) return column;
        const value = sql`${column}::float8`;
        const all = sql`${ident(name)}::float8`;
        const statistic = (aggregate: Sql): Sql => {
          const alias = ident(`alp_${statistics.length}`);
          statistics.push(sql`${aggregate} AS ${alias}`);
          return sql`s.${alias}`;
        };
        return sql`${scaled()} AS ${ident(name)}`;

        function scaled(): Sql {
          if (method === 'average')
            return sql`${value} / nullif(${statistic(sql`avg(${all})`)}, 0)`;
          if (method === 'proportion')
            return sql`${value} / nullif(${statistic(sql`sum(${all})`)}, 0)`;
          if (method === 'z')
            return sql`(${value} - ${statistic(sql`avg(${all})`)}) / nullif(${statistic(sql`stddev_samp(${all})`)}, 0)`;
          const min = statistic(sql`min(${all})`);
          const max = statistic(sql`max(${all})`);
          return sql`(${value} - ${min}) / nullif(${max} - ${min}, 0) * (${high - low}::float8) + (${low}::float8)`;
        }
      });
      return sql`SELECT ${joinSql(list, ', ')}\n${fromInput(input)} AS t\nCROSS JOIN (SELECT ${joinSql(statistics, ', ')} ${fromInput(input)}) AS s`;
    }
  },
};

/** Columns of which nothing is left. Looking for one value costs next to nothing where there is one. */
function* warnOfLost(made: Relation, columns: readonly string[]): Procedure<void> {
  const each = columns.map(
    (name, i) =>
      sql`SELECT ${i}::int AS i WHERE NOT EXISTS (SELECT ${fromInput(made)} WHERE ${ident(name)} IS NOT NULL)`,
  );
  const found = yield* lookUp<{ i: number }>(joinSql(each, ' UNION ALL '));
  const lost = columns.filter((_, i) => found.some((one) => one.i === i));
  if (lost.length > 0)
    yield* warn(
      `all NULL, because constant, without values, or of an average or sum of zero: ${lost.join(', ')}`,
    );
}
