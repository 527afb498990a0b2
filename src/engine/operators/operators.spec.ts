import { describe, expect, it } from '@jest/globals';
import { dryRun } from '../../../test/support/dry-run.js';
import type { AfmElement } from '../afm/afm-document.js';
import { NodeReader } from '../afm/node-reader.js';
import type { Relation } from '../flow-plan.js';
import {
  type Case,
  element,
  golden,
  readCase,
  relation,
  sentSql,
} from '../../../test/support/operator-cases.js';
import { COLUMN_FILTER } from './column-filter.js';
import { COPY_TO_DATABASE } from './copy-to-database.js';
import { JOIN } from './join.js';
import { K_MEANS } from './kmeans.js';
import { LINEAR_REGRESSION } from './linear-regression.js';
import { LOGISTIC_REGRESSION } from './logistic-regression.js';
import { NORMALIZATION } from './normalization.js';
import { NULL_REPLACEMENT } from './null-replacement.js';
import { findOperator } from './operator-catalogue.js';
import type { OperatorKind } from './operator.js';
import { PIVOT } from './pivot.js';
import type { Row } from './procedure.js';
import { RANDOM_SAMPLING } from './random-sampling.js';
import { readOutput } from './read-output.js';
import { ROW_FILTER } from './row-filter.js';
import { SET_OPERATION } from './set-operation.js';
import { SORT } from './sort.js';
import { SQL_EXECUTE } from './sql-execute.js';
import { VARIABLE } from './variable.js';

const CREDIT = relation('demo', 'credit', ['id', 'credit_lines', 'odd "name"']);
const PEOPLE = relation('demo', 'people', ['id', 'name', 'age']);
const CITIES = relation('demo', 'cities', ['id', 'name']);

function compile(kind: OperatorKind, one: Case): string {
  const { node, recipe } = readCase(kind, one);
  expect(node.problems).toEqual([]);
  return recipe.does === 'select' ? recipe.compile(one.inputs).inlined : '';
}

function messages(kind: OperatorKind, one: Case): string {
  return readCase(kind, one)
    .node.problems.map(({ message }) => message)
    .join('\n');
}

const filter = (attributes: Record<string, string>, ...items: Record<string, string>[]): Case => ({
  inputs: [CREDIT],
  models: [
    element(
      'RowFilterConditionModel',
      attributes,
      ...items.map((item) => element('RowFilterConditionItem', item)),
    ),
  ],
});
const on = (columnName: string, condition: string, firstValue = '', secondValue = '') => ({
  columnName,
  condition,
  firstValue,
  secondValue,
});

const derived = (...items: Record<string, string>[]) =>
  element('DerivedFieldsModel', {}, ...items.map((item) => element('DerivedFieldItem', item)));

const joinTable = (alias: string, operID: string) => element('JoinTableModel', { alias, operID });
const joinColumn = (tableAlias: string, columnName: string, newColumnName: string) =>
  element('JoinColumnModel', { tableAlias, columnName, newColumnName });
const joinOn = (
  joinType: string,
  first: string,
  second: string,
  column1: string,
  column2: string,
  others = {},
) =>
  element('JoinConditionModel', {
    joinType,
    tableAlias1: first,
    tableAlias2: second,
    column1,
    condition: '=',
    column2,
    ...others,
  });
const join_ = (...children: AfmElement[]): Case => ({
  inputs: [CREDIT, PEOPLE, CITIES],
  models: [element('TableJoinDefinition', {}, ...children)],
});
const TABLES = [joinTable('c', 'credit'), joinTable('p', 'people')];

/** Each compiles to the SQL in `test/golden/operators/<name>.sql`; `npm run golden:update` rewrites them. */
const CASES: Readonly<Record<string, readonly [OperatorKind, Case]>> = {
  'row-filter-all': [ROW_FILTER, filter({ sqlType: 'nosql', useAll: 'true' })],
  'row-filter-and': [
    ROW_FILTER,
    filter(
      { sqlType: 'nosql', useAll: 'true' },
      on('credit_lines', '>=', '7'),
      on('odd "name"', '<>', `'x'`),
    ),
  ],
  'row-filter-or': [
    ROW_FILTER,
    filter(
      { sqlType: 'nosql', useAll: 'false' },
      on('id', 'is null'),
      on('id', 'is not null'),
      on('id', 'is blank'),
      on('id', 'between', '1', '"credit_lines" + 2'),
      on('odd "name"', 'contains', 'rain'),
      on('odd "name"', 'contains', `upper('rain')`),
    ),
  ],
  'row-filter-script': [
    ROW_FILTER,
    filter({ sqlType: 'sql', conditionValue: '"id" = 1 or "id" = 2' }),
  ],
  'variable-columns-only': [
    VARIABLE,
    { inputs: [CREDIT], parameters: { columnNames: 'id, odd "name"' } },
  ],
  'variable-derived': [
    VARIABLE,
    {
      inputs: [CREDIT],
      parameters: { columnNames: 'id' },
      models: [
        derived(
          {
            columnName: 'flag',
            dataType: 'BOOLEAN',
            expression: 'case when "id" = 1 then True else False end',
          },
          { columnName: 'half', dataType: 'DOUBLE', expression: '"id" / 2.0' },
          { columnName: 'price', dataType: 'NUMERIC(12,2)', expression: '3' },
          { columnName: 'at', dataType: 'DATETIME', expression: 'now()' },
        ),
      ],
    },
  ],
  'join-two': [
    JOIN,
    join_(
      ...TABLES,
      joinColumn('c', 'id', 'id'),
      joinColumn('p', 'id', 'p.id'),
      joinColumn('p', 'name', ''),
      joinOn('JOIN', 'c', 'p', '"p"."id"', '"c"."id"'),
    ),
  ],
  'join-three': [
    JOIN,
    join_(
      ...TABLES,
      joinTable('t', 'cities'),
      joinColumn('c', 'id', 'id'),
      joinColumn('t', 'name', 'city'),
      joinOn('LEFT OUTER JOIN', 'c', 'p', '"c"."id"', '"p"."id"'),
      joinOn('JOIN', 'c', 'p', '"c"."credit_lines"', '"p"."age"', { condition: '>', andOr: 'OR' }),
      joinOn('cross join', 'p', 't', '', ''),
    ),
  ],
  'join-from-the-other-side': [
    JOIN,
    join_(
      ...TABLES,
      joinTable('t', 'cities'),
      joinColumn('c', 'id', 'id'),
      joinOn('JOIN', 'c', 'p', '"c"."id"', '"p"."id"'),
      joinOn('LEFT JOIN', 't', 'p', '"t"."id"', '"p"."id"'),
    ),
  ],
  'join-cross-narrowed': [
    JOIN,
    join_(
      ...TABLES,
      joinTable('t', 'cities'),
      joinColumn('c', 'id', 'id'),
      joinOn('CROSS JOIN', 'c', 'p', '', ''),
      joinOn('JOIN', 'c', 'p', '"c"."id"', '"p"."id"'),
      joinOn('JOIN', 'p', 'c', '"p"."age"', '"c"."credit_lines"', { condition: '<' }),
      joinOn('CROSS JOIN', 'p', 't', '', ''),
    ),
  ],
  'join-sequence': [
    JOIN,
    {
      ...join_(
        ...TABLES,
        joinColumn('c', 'id', 'id'),
        joinOn('JOIN', 'c', 'p', '"c"."id"', '"p"."id"'),
      ),
      parameters: { createSequenceID: 'Yes' },
    },
  ],
};

const item = (name: string, attributes: Record<string, string>) => element(name, attributes);
const one = (
  parameters: Record<string, string>,
  models: AfmElement[] = [],
  inputs: Relation[] = [CREDIT],
): Case => ({ parameters, models, inputs });
const NUMBERS: Relation = {
  ...CREDIT,
  columns: [
    { name: 'id', type: 'bigint' },
    { name: 'credit_lines', type: 'integer' },
    { name: 'odd "name"', type: 'text' },
  ],
};

const MORE: Readonly<Record<string, readonly [OperatorKind, Case]>> = {
  'column-filter': [COLUMN_FILTER, one({ columnNames: 'odd "name",id' })],
  'set-operation': [SET_OPERATION, one({ setType: 'union all' }, [], [CREDIT, PEOPLE])],
  'set-operation-columns': [
    SET_OPERATION,
    one(
      { setType: 'EXCEPT', firstTable: 'cities' },
      [
        element(
          'unionColumnModel',
          { columnName: 'x' },
          item('unionSourceColumn', { column: 'age', operID: 'people' }),
          item('unionSourceColumn', { column: 'id', operID: 'cities' }),
        ),
      ],
      [PEOPLE, CITIES],
    ),
  ],
  sort: [SORT, one({ columnNames: 'id desc,odd "name"', limit: '10' })],
  'sort-view': [SORT, one({ columnNames: 'id', outputType: 'VIEW' })],
  'null-replacement': [
    NULL_REPLACEMENT,
    one(
      { groupByColumns: 'odd "name"' },
      [
        item('NullReplacementItem', { columnName: 'id', method: 'average' }),
        item('NullReplacementItem', { columnName: 'credit_lines', method: 'value', value: "1'" }),
      ],
      [NUMBERS],
    ),
  ],
  'variable-quantiles': [
    VARIABLE,
    one({ columnNames: 'id' }, [
      element(
        'QuantileModel',
        {},
        item('QuantileItem', { columnName: 'id', newColumnName: 'q', numberOfBin: '4' }),
        element(
          'QuantileItem',
          { columnName: 'id', newColumnName: 'own', quantileType: 'Customize' },
          item('bin', { upper: '10' }),
          item('bin', { lower: '10', upper: '20.5' }),
          item('bin', { values: "a, it's" }),
        ),
      ),
    ]),
  ],
};

const many = (attributes: Record<string, string>): Case =>
  one({ columnNames: 'id' }, [
    derived({ columnName: 'log', dataType: 'DOUBLE', expression: 'ln(x)', ...attributes }),
  ]);

/** One expression for many columns, in the ways that a file may write it. */
const MANY: Readonly<Record<string, readonly [Record<string, string>, string]>> = {
  'a placeholder, quoted or not, but not in literals': [
    {
      multiVarColumn: 'x',
      multiVarFormat: 'log_x',
      multiVarReplacementExpression: `ln(X + "x") || 'x' || xx`,
      multiVarReturnColumns: 'id, odd "name"',
    },
    `SELECT "id", (ln("id" + "id") || 'x' || xx)::double precision AS "log_id", (ln("odd ""name""" + "odd ""name""") || 'x' || xx)::double precision AS "log_odd ""name"""`,
  ],
  'the first column as placeholder, the name as prefix': [
    { expression: '"id" / 2', multiVarReturnColumns: 'id,credit_lines' },
    'SELECT "id", ("id" / 2)::double precision AS "log_id", ("credit_lines" / 2)::double precision AS "log_credit_lines"',
  ],
  'a placeholder that is no word, a suffix': [
    {
      expression: `{c} * 2 + length('{c}')`,
      multiVarColumn: '{c}',
      multiVarFormat: '_twice',
      multiVarReturnColumns: 'id',
    },
    `SELECT "id", ("id" * 2 + length('{c}'))::double precision AS "id_twice"`,
  ],
  'a mark in the pattern of names': [
    { multiVarColumn: 'x', multiVarFormat: 'of %s.', multiVarReturnColumns: 'credit_lines' },
    'SELECT "id", (ln("credit_lines"))::double precision AS "of credit_lines."',
  ],
};

/** Operators of several statements, with the answers their queries get. */
const PROCEDURES: Readonly<Record<string, readonly [OperatorKind, Case, Row[][]]>> = {
  'normalization-z': [
    NORMALIZATION,
    one({ columnNames: 'id', method: 'z-transformation' }, [], [NUMBERS]),
    [],
  ],
  'normalization-range': [
    NORMALIZATION,
    one(
      { columnNames: 'id,credit_lines', method: 'Range', rangeMin: '-1', rangeMax: '1' },
      [],
      [NUMBERS],
    ),
    [],
  ],
  pivot: [
    PIVOT,
    one(
      {
        pivotColumn: 'name',
        groupByColumn: 'id',
        aggregateColumn: 'age',
        aggregateFunction: 'sum',
      },
      [],
      [PEOPLE],
    ),
    [[{ value: "it's" }, { value: 'x"y' }]],
  ],
  'random-sampling': [
    RANDOM_SAMPLING,
    one(
      {
        sampleCount: '2',
        consistent: 'true',
        randomSeed: '0.1',
        keyColumnList: 'id',
        disjoint: 'true',
      },
      [
        element(
          'SampleSizeModel',
          {},
          element('sampleIDs', { sampleID: '1' }),
          element('sampleIDs', { sampleID: '2' }),
          element('sampleSizes', { sampleSize: '10' }),
          element('sampleSizes', { sampleSize: '20' }),
        ),
      ],
    ),
    [[{ n: '1001' }]],
  ],
  'random-sampling-replacement': [
    RANDOM_SAMPLING,
    one({ sampleSizeType: 'ROW', replacement: 'true' }, [
      element('SampleSizeModel', { sampleSizes: '7' }),
    ]),
    [[{ n: '3' }]],
  ],
  'random-sampling-replacement-consistent': [
    RANDOM_SAMPLING,
    one({ replacement: 'true', consistent: 'true', randomSeed: '0.1' }, [
      element('SampleSizeModel', { sampleSizes: '50' }),
    ]),
    [[{ n: '3' }]],
  ],
  'sql-execute': [
    SQL_EXECUTE,
    one({
      sql: "CREATE TABLE alpine_sql_output AS SELECT 'alpine_sql_output' FROM alpine_sql_input_1 /* alpine_sql_input_1 ; */; ANALYZE alpine_sql_output",
    }),
    [],
  ],
  kmeans: [
    K_MEANS,
    one({ columnNames: 'id', k: '2', max_generations: '1' }, [], [NUMBERS]),
    [
      [{ n: '9', total: '10', variances: [4] }],
      [{ center: [1] }],
      [{ center: [9] }],
      [
        { c: 0, n: '4', center: [1.5], within: 2 },
        { c: 1, n: '5', center: [8], within: 3 },
      ],
      [
        { c: 0, n: '4', center: [1.5], within: 1 },
        { c: 1, n: '5', center: [8], within: 2 },
      ],
    ],
  ],
  'logistic-regression': [
    LOGISTIC_REGRESSION,
    one(
      { dependentColumn: 'odd "name"', goodValue: 'good', columnNames: 'id', max_generations: '1' },
      [],
      [NUMBERS],
    ),
    [
      [{ value: 'bad' }, { value: 'good' }],
      [{ total: '10', used: '10', good: '4', means: [5], deviations: [2] }],
      [{ h: [2.5, 0, 2.5], g: [-1, 0.5], ll: -6.93 }],
    ],
  ],
  'linear-regression': [
    LINEAR_REGRESSION,
    one({ dependentColumn: 'credit_lines', columnNames: 'id' }, [], [NUMBERS]),
    [[{ total: '10', n: '10', means: [5.5], y: 2 }], [{ sxx: [82.5], sxy: [16.5], syy: 4 }]],
  ],
};

describe('operators', () => {
  it.each(Object.entries(MORE))('compile to their golden SQL: %s', (name, [kind, given]) => {
    golden(name, compile(kind, given));
  });

  it.each(Object.entries(PROCEDURES))(
    'send their golden SQL: %s',
    async (name, [kind, given, answers]) => {
      golden(name, await sentSql(kind, given, answers));
    },
  );

  it.each(Object.entries(CASES))('compile to their golden SQL: %s', (name, [kind, given]) => {
    golden(name, compile(kind, given));
  });

  it.each(Object.entries(MANY))(
    'apply one expression to many columns: %s',
    (_title, [item, sql]) => {
      expect(compile(VARIABLE, many(item))).toBe(`${sql}\nFROM "demo"."credit"`);
    },
  );

  it('check the columns that one expression is applied to', () => {
    expect(() => compile(VARIABLE, many({ multiVarReturnColumns: 'x,nowhere' }))).toThrow(
      '"demo"."credit" has no column "x", "nowhere"',
    );
  });

  it.each([
    [
      'a filter without its model',
      ROW_FILTER,
      { inputs: [CREDIT] },
      /"RowFilterConditionModel" is missing/,
    ],
    ['an empty script', ROW_FILTER, filter({ sqlType: 'sql' }), /conditionValue is empty/],
    [
      'an unknown comparison',
      ROW_FILTER,
      filter({}, on('id', '~', '1')),
      /"~" is not a known comparison/,
    ],
    [
      'a condition without a value',
      ROW_FILTER,
      filter({}, on('id', '=')),
      /condition on "id" is empty/,
    ],
    ['a condition without a column', ROW_FILTER, filter({}, on('', '=', '1')), /names no column/],
    ['no columns', VARIABLE, { inputs: [CREDIT] }, /no columns are chosen/],
    [
      'one column twice',
      VARIABLE,
      { inputs: [CREDIT], parameters: { columnNames: 'id,id' } },
      /"id" is there twice/,
    ],
    [
      'a type that is none',
      VARIABLE,
      {
        inputs: [CREDIT],
        models: [derived({ columnName: 'a', dataType: 'text); drop', expression: '1' })],
      },
      /is not a type/,
    ],
    [
      'an expression that leaves its place',
      VARIABLE,
      {
        inputs: [CREDIT],
        models: [derived({ columnName: 'a', dataType: 'TEXT', expression: '1), (2' })],
      },
      /a "\)" has no "\("/,
    ],
    [
      'one expression for many columns that does not mention them',
      VARIABLE,
      many({ multiVarColumn: 'y', multiVarReturnColumns: 'id' }),
      /the expression does not mention "y"; found multiVarColumn="y", multiVarReturnColumns="id"$/,
    ],
    [
      'an expression for many columns without columns',
      VARIABLE,
      many({ expression: '', multiVarColumn: 'x', multiVarReplacementExpression: 'ln(x)' }),
      /names no columns to apply the expression to; found multiVarColumn="x", multiVarReplacementExpression="ln\(x\)"$/,
    ],
    [
      'many columns without names',
      VARIABLE,
      many({ columnName: '', multiVarReturnColumns: 'id', multiVarColumn: 'x' }),
      /says how the new columns are called/,
    ],
    [
      'many columns of one name',
      VARIABLE,
      many({ multiVarColumn: 'x', multiVarReturnColumns: 'id,id' }),
      /column "log_id" is there twice/,
    ],
    [
      'a name that is too long',
      VARIABLE,
      many({ columnName: 'ä'.repeat(32) }),
      /longer than 63 bytes/,
    ],
    [
      'a join without columns',
      JOIN,
      join_(...TABLES, joinOn('JOIN', 'c', 'p', '1', '1')),
      /no output columns/,
    ],
    [
      'a table without a condition',
      JOIN,
      join_(...TABLES, joinColumn('c', 'id', 'id')),
      /"c" has no join condition/,
    ],
    [
      'an output column twice',
      JOIN,
      join_(
        ...TABLES,
        joinColumn('c', 'id', 'id'),
        joinColumn('p', 'id', 'id'),
        joinOn('JOIN', 'c', 'p', '1', '1'),
      ),
      /"id" is there twice/,
    ],
    [
      'a sequence beside a column of its name',
      JOIN,
      {
        ...join_(...TABLES, joinColumn('c', 'id', 'seq_id'), joinOn('JOIN', 'c', 'p', '1', '1')),
        parameters: { createSequenceID: 'yes' },
      },
      /"seq_id" is there twice/,
    ],
    [
      'a name that would be cut',
      JOIN,
      join_(...TABLES, joinColumn('c', 'id', 'n'.repeat(64)), joinOn('JOIN', 'c', 'p', '1', '1')),
      /is longer than 63 bytes/,
    ],
    [
      'a column that is replaced twice',
      NULL_REPLACEMENT,
      one({}, [
        item('NullReplacementItem', { columnName: 'id' }),
        item('NullReplacementItem', { columnName: 'id', method: 'average' }),
      ]),
      /column "id" is there twice/,
    ],
    [
      'a table that is not linked',
      JOIN,
      join_(joinTable('x', 'nowhere')),
      /no linked operator has the uuid "nowhere"/,
    ],
    [
      'an unknown join',
      JOIN,
      join_(...TABLES, joinColumn('c', 'id', 'id'), joinOn('NATURAL JOIN', 'c', 'p', '1', '1')),
      /not a known kind of join/,
    ],
  ] as const)('report %s', (_title, kind, one, message) => {
    expect(messages(kind, one)).toMatch(message);
  });

  it('name the columns that the real input lacks', () => {
    const one = { inputs: [CREDIT], parameters: { columnNames: 'id,nothing,nowhere' } };
    expect(() => compile(VARIABLE, one)).toThrow(
      '"demo"."credit" has no column "nothing", "nowhere"; it has "id", "credit_lines", "odd "name""',
    );
  });

  it('are found by the last part of their class name, in any case', () => {
    expect(findOperator('com.alpine.miner.gef.runoperator.field.FilterOperator')).toBe(ROW_FILTER);
    expect(findOperator('ROWFILTER')).toBe(ROW_FILTER);
    expect(findOperator('x.TableJoin')).toBe(JOIN);
    expect(findOperator('x.hadoop.FilterOperator')).toMatch(/needs a Hadoop data source/);
    expect(findOperator('')).toMatch(/not supported/);
  });

  it('tell Greenplum how to spread the rows of a copy from elsewhere', async () => {
    const inputs = [CREDIT];
    const parameters = { schemaName: 'out', copyToTableName: 'copied' };
    const { recipe } = readCase(COPY_TO_DATABASE, { inputs, parameters });
    if (recipe.does !== 'procedure') throw new Error('a copy is no procedure');
    const context = { name: 'op', downstreamOutputs: [], inputIsElsewhere: true };
    const created = async (isGreenplum: boolean) => {
      const run = recipe.run({ data: inputs, samples: [], models: [] }, context);
      const relations = [relation('out', 'copied', [])];
      const { statements } = await dryRun(run, { relations, isGreenplum });
      return statements.find((text) => text.startsWith('CREATE'));
    };
    const plain =
      'CREATE TABLE "out"."copied" ("id" text, "credit_lines" text, "odd ""name""" text)';
    expect(await created(false)).toBe(plain);
    expect(await created(true)).toBe(`${plain}\nDISTRIBUTED RANDOMLY`);
  });

  it('store where their parameters say', () => {
    const output = (parameters: Record<string, string>, models: AfmElement[] = []) => {
      const node = new NodeReader({
        name: 'op',
        type: '',
        uuid: '',
        x: null,
        y: null,
        parameters: new Map(Object.entries(parameters)),
        models,
      });
      return { ...readOutput(node), problems: node.problems.map(({ message }) => message) };
    };
    const place = { outputSchema: 's', outputTable: 't' };
    expect(output(place)).toEqual({
      schema: 's',
      table: 't',
      kind: 'TABLE',
      dropIfExist: true,
      problems: [],
    });
    expect(output({ ...place, outputType: 'view', dropIfExist: 'NO' })).toMatchObject({
      kind: 'VIEW',
      dropIfExist: false,
    });
    expect(output({ ...place, dropIfExist: 'perhaps' }).problems).toEqual([
      'parameter "dropIfExist" must be Yes or No, not "perhaps"',
    ]);
    expect(output({ ...place, outputType: 'FILE' }).problems).toHaveLength(1);
    expect(output({}).problems).toHaveLength(2);
    const stored = (attributes: Record<string, string>) =>
      output(place, [element('StorageParameters', attributes)]);
    // As real files have it.
    const plain = {
      appendOnly: 'false',
      columnarStorage: 'true',
      compression: 'true',
      compressionLevel: '1',
      isDistributedRandomly: 'true',
    };
    expect(stored(plain).storage).toEqual({ appendOnly: null, distributedBy: [] });
    expect(stored({ ...plain, appendOnly: 'Yes', compressionLevel: '9' }).storage).toEqual({
      appendOnly: { columnar: true, compressionLevel: 9 },
      distributedBy: [],
    });
    expect(
      stored({ isDistributedRandomly: 'false', distributedBy: 'a, b c' }).storage!.distributedBy,
    ).toEqual(['a', 'b c']);
    expect(stored({ ...plain, appendOnly: 'true', compressionLevel: '10' }).problems).toEqual([
      'compressionLevel must be 1 to 9, not "10"',
    ]);
  });
});
