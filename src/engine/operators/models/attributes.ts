import { ident, type Sql, sql } from '../../../common/sql/sql.js';
import { OperatorFailed, type Relation } from '../../flow-plan.js';
import { classOf } from '../column-class.js';
import { columnsOf, fromInput } from '../input-columns.js';
import { type Procedure, query } from '../procedure.js';

const MAX_CATEGORIES = 100;

/** An independent column: a number, or one of a list of texts. */
export interface Attribute {
  readonly column: string;
  /** In the order of the data source; null for a numeric column. */
  readonly values: readonly string[] | null;
}

/** @throws OperatorFailed for columns of other types, and for categorical ones with more than 100 values */
export function* attributesOf(
  operator: string,
  input: Relation,
  columns: readonly string[],
  used: Sql,
): Procedure<Attribute[]> {
  const attributes: Attribute[] = [];
  for (const { name, type } of columnsOf(operator, input, columns)) {
    const kind = classOf(type);
    if (kind === 'numeric') attributes.push({ column: name, values: null });
    else if (kind !== 'categorical')
      throw new OperatorFailed(
        operator,
        `"${name}" is ${type}: it cannot be used to train a model`,
      );
    else {
      const found = yield* query<{ value: string }>(
        sql`SELECT DISTINCT ${ident(name)}::text AS value ${fromInput(input)} WHERE ${used} ORDER BY 1 LIMIT ${MAX_CATEGORIES + 1}`,
      );
      if (found.length > MAX_CATEGORIES)
        throw new OperatorFailed(operator, `"${name}" has more than ${MAX_CATEGORIES} values`);
      attributes.push({ column: name, values: found.map(({ value }) => value) });
    }
  }
  return attributes;
}
