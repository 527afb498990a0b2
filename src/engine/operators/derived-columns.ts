import { ident, type Sql, sql } from '../../common/sql/sql.js';
import type { AfmElement } from '../afm/afm-document.js';
import { MAX_COLUMNS, type NodeReader } from '../afm/node-reader.js';
import { columnType } from './column-type.js';
import { attributeOf } from './input-columns.js';
import { FragmentError, sqlFragment } from './sql-fragment.js';
import { replacePlaceholder } from './sql-text.js';

const MODEL = 'DerivedFieldsModel';
const MANY = [
  'multiVarColumn',
  'multiVarFormat',
  'multiVarReplacementExpression',
  'multiVarReturnColumns',
] as const;
/** Of one expression for all columns that it is applied to. */
const MAX_CHARACTERS = 4_000_000;
const MAX_WORD = 256;
/** Where a pattern of names has the column's. */
const MARKS = ['%s', '${column}', '{column}', '<column>', '{}', '*'];

/** A computed column. */
export interface Derived {
  readonly name: string;
  readonly value: Sql;
  /** Input column it is made of, where that is known; what else an expression reads is the data source's to find. */
  readonly source: string | null;
}

/** The columns that a Variable operator computes by expressions (operators.md 1.5). */
export function derivedOf(node: NodeReader): Derived[] {
  const items = (node.model(MODEL)?.children ?? []).filter(
    ({ name }) => name === 'DerivedFieldItem',
  );
  const all: Derived[] = [];
  for (const item of items) {
    if (all.length > MAX_COLUMNS) {
      node.problem(MODEL, `more than ${MAX_COLUMNS} columns are not supported`);
      break;
    }
    try {
      all.push(...derive(item));
    } catch (error) {
      if (!(error instanceof FragmentError)) throw error;
      node.problem(MODEL, error.message);
    }
  }
  return all;
}

/** @throws FragmentError saying what is wrong with the item */
function derive({ attributes }: AfmElement): Derived[] {
  const list = attributeOf(attributes, 'multiVarReturnColumns');
  if (list !== null) return deriveMany(attributes, list);
  const name = attributeOf(attributes, 'columnName');
  if (name === null) throw new FragmentError('a derived column has no name');
  const expression = attributeOf(attributes, 'expression');
  if (expression === null && attributeOf(attributes, 'multiVarReplacementExpression') !== null)
    throw new FragmentError(
      `column "${name}": "multiVarReturnColumns" names no columns to apply the expression to; ${found(attributes)}`,
    );
  return [derived(name, expression ?? '', attributes['dataType'] ?? '', null)];
}

/**
 * One expression applied to many columns. How the original writes it is not known *(inferred)*:
 * `multiVarReturnColumns` lists the input columns, `multiVarColumn` is the word that stands for each of them in
 * `multiVarReplacementExpression` (else in `expression`); without it the first column of the list does.
 */
function deriveMany(attributes: AfmElement['attributes'], list: string): Derived[] {
  const columns = list
    .split(',', MAX_COLUMNS + 1)
    .map((column) => column.trim())
    .filter((column) => column !== '');
  const [first = ''] = columns;
  const placeholder = (attributeOf(attributes, 'multiVarColumn') ?? first).replace(
    /^"(.*)"$/,
    '$1',
  );
  const expression = attributeOf(attributes, 'multiVarReplacementExpression', 'expression');
  const pattern = attributeOf(attributes, 'multiVarFormat', 'columnName');
  const refuse = (reason: string) =>
    new FragmentError(`one expression for many columns: ${reason}; ${found(attributes)}`);
  if (expression === null) throw refuse('there is no expression');
  if (pattern === null)
    throw refuse('neither "multiVarFormat" nor "columnName" says how the new columns are called');
  if (columns.length > MAX_COLUMNS) throw refuse(`more than ${MAX_COLUMNS} columns`);
  if (Math.max(placeholder.length, pattern.length) > MAX_WORD)
    throw refuse(`a name is longer than ${MAX_WORD} characters`);
  if (expression.length * columns.length > MAX_CHARACTERS) throw refuse('it is too long');
  return columns.map((column, i): Derived => {
    const name = newName(pattern, placeholder, column);
    const derive = () => {
      const own = replacePlaceholder(expression, placeholder, ident(column).text);
      if (own === null) throw refuse(`the expression does not mention "${placeholder}"`);
      return derived(name, own, attributes['dataType'] ?? '', column);
    };
    if (i === 0) return derive();
    // What is right for one column is so for all; a flow that is only looked at needs no more of them.
    return {
      name,
      source: column,
      get value() {
        return derive().value;
      },
    };
  });
}

/** `log_%s`, `log_x` when `x` is the placeholder, `_log`, `log_`; a name without a mark goes before the column's. */
function newName(pattern: string, placeholder: string, column: string): string {
  const mark = MARKS.find((one) => pattern.includes(one));
  if (mark !== undefined) return pattern.replaceAll(mark, () => column);
  const word = placeholder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const alone = new RegExp(`(?<![A-Za-z0-9])${word}(?![A-Za-z0-9])`, 'g');
  const replaced = pattern.replace(alone, () => column);
  if (replaced !== pattern) return replaced;
  if (pattern.startsWith('_')) return column + pattern;
  return pattern.endsWith('_') ? pattern + column : `${pattern}_${column}`;
}

function derived(name: string, expression: string, dataType: string, source: string | null) {
  const say = (reason: string) => new FragmentError(`column "${name}": ${reason}`);
  const type = columnType(dataType.trim());
  if (type === null) throw say(`"${dataType}" is not a type`);
  if (expression === '') throw say('the expression is empty');
  try {
    return { name, value: sql`(${sqlFragment(expression)})::${type}`, source };
  } catch (error) {
    throw error instanceof FragmentError ? say(error.message) : error;
  }
}

/** So that a user can report a file whose format we do not know. */
function found(attributes: AfmElement['attributes']): string {
  const given = MANY.flatMap((key) => {
    const value = attributeOf(attributes, key);
    return value === null ? [] : [`${key}="${value}"`];
  });
  return `found ${given.join(', ')}`;
}
