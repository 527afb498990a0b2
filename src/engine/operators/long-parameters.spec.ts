import { describe, expect, it } from '@jest/globals';
import { type Case, element, readCase, relation } from '../../../test/support/operator-cases.js';
import type { AfmElement } from '../afm/afm-document.js';
import { AGGREGATION } from './aggregation.js';
import { JOIN } from './join.js';
import { LINEAR_REGRESSION } from './linear-regression.js';
import { NULL_REPLACEMENT } from './null-replacement.js';
import type { OperatorKind } from './operator.js';
import { SET_OPERATION } from './set-operation.js';
import { SORT } from './sort.js';
import { SQL_EXECUTE } from './sql-execute.js';
import { VARIABLE } from './variable.js';

const MANY = 100_000;
const PEOPLE = relation('demo', 'people', ['id', 'name']);
const inputs = [PEOPLE];
const numbers = Array.from({ length: MANY }, (_, i) => i);
const given = (parameters: Record<string, string>): Case => ({ inputs, parameters });
const holding = (name: string, children: readonly AfmElement[]): Case => ({
  inputs,
  models: [{ ...element(name, {}), children }],
});
const derived = (attributes: Record<string, string>) =>
  holding('DerivedFieldsModel', [
    element('DerivedFieldItem', { dataType: 'DOUBLE', columnName: 'log', ...attributes }),
  ]);

/** Whoever uploads a file writes what is in it. */
describe('parameters however long', () => {
  it.each<[string, OperatorKind, Case, string | null]>([
    ['blanks', SORT, given({ columnNames: `a${' '.repeat(3 * MANY)}b` }), null],
    [
      'a list of columns',
      LINEAR_REGRESSION,
      given({ dependentColumn: 'y', columnNames: numbers.join(',') }),
      'more than 1600 columns',
    ],
    [
      'replacements',
      NULL_REPLACEMENT,
      holding(
        'NullReplacementModel',
        numbers.map((i) => element('NullReplacementItem', { columnName: `c${i}`, value: '1' })),
      ),
      null,
    ],
    [
      'aggregates',
      AGGREGATION,
      {
        inputs,
        models: numbers.map((i) => element('Aggregate', { columnName: `c${i}`, function: 'sum' })),
      },
      null,
    ],
    [
      'tables to join',
      JOIN,
      holding(
        'TableJoinDefinition',
        numbers.map((i) => element('JoinTableModel', { alias: `t${i}`, operID: 'x' })),
      ),
      'more than 64 tables',
    ],
    [
      'columns to unite',
      SET_OPERATION,
      {
        inputs: numbers.slice(0, 500).map(() => PEOPLE),
        models: numbers.map((i) => element('unionColumnModel', { columnName: `c${i}` })),
      },
      'more than 1600 columns',
    ],
    [
      'computed columns',
      VARIABLE,
      holding(
        'DerivedFieldsModel',
        numbers.map((i) =>
          element('DerivedFieldItem', { columnName: `c${i}`, dataType: 'DOUBLE', expression: '1' }),
        ),
      ),
      'more than 1600 columns',
    ],
    [
      'columns to compute',
      VARIABLE,
      derived({ expression: 'ln(a)', multiVarReturnColumns: 'a,'.repeat(MANY) }),
      'more than 1600 columns',
    ],
    [
      'an expression for all of them',
      VARIABLE,
      derived({
        expression: `a${' + 1'.repeat(MANY)}`,
        multiVarReturnColumns: 'a,'.repeat(1500),
      }),
      'too long',
    ],
    [
      'SQL',
      SQL_EXECUTE,
      given({ sql: `SELECT ${'('.repeat(11 * MANY)}` }),
      'longer than 1000000 characters',
    ],
    ['inputs in SQL', SQL_EXECUTE, given({ sql: 'alpine_sql_input_1 '.repeat(MANY / 2) }), null],
  ])('are soon read: %s', (_what, kind, one, problem) => {
    const began = performance.now();
    const { node } = readCase(kind, one);
    expect(performance.now() - began).toBeLessThan(10_000);
    if (problem !== null)
      expect(node.problems.map(({ message }) => message)).toContainEqual(
        expect.stringContaining(problem),
      );
    expect(node.problems.length).toBeLessThanOrEqual(100);
  });
});
