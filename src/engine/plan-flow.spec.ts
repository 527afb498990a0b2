import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunLocation, RunSnapshot, VariableOverride } from '../runs/run-snapshot.js';
import { FlowInvalid, type FlowProblem, type Relation } from './flow-plan.js';
import { OPERATORS } from './operators/operator-catalogue.js';
import { planFlow } from './plan-flow.js';
import { dryRun } from '../../test/support/dry-run.js';

const WORKED_EXAMPLE = readFileSync(
  join(import.meta.dirname, '../../test/golden/worked-example.afm'),
  'utf8',
);
const WAREHOUSE: RunLocation = {
  databaseId: 1,
  databaseName: 'miner_demo',
  dataSourceId: 2,
  dataSourceName: 'elsewhere',
  accountId: 3,
};

function snapshot(afm: string, others: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    afm,
    flowName: 'example',
    workfileId: 21,
    userId: 7,
    userName: 'analyst',
    locations: [WAREHOUSE],
    variables: [],
    ...others,
  };
}

function relation(schema: string, table: string, columns: string): Relation {
  return {
    schema,
    table,
    kind: 'table',
    columns: columns.split(' ').map((name) => ({ name, type: 'text' })),
  };
}

function problemsOf(afm: string, others: Partial<RunSnapshot> = {}): readonly FlowProblem[] {
  try {
    planFlow(snapshot(afm, others));
  } catch (error) {
    if (error instanceof FlowInvalid) return error.problems;
    throw error;
  }
  return [];
}

const source = (name: string, more = '') =>
  `<Operator name="${name}" type="x.DbTableOperator" uuid="${name}"><Parameter key="dbConnectionName" value="s"/>` +
  `<Parameter key="schemaName" value="demo"/><Parameter key="tableName" value="${name}"/>${more}</Operator>`;
const filter = (name: string, where: string, table = name) =>
  `<Operator name="${name}" type="x.FilterOperator" uuid="${name}"><Parameter key="outputSchema" value="out"/>` +
  `<Parameter key="outputTable" value="${table}"/>` +
  `<RowFilterConditionModel sqlType="sql" conditionValue="${where}"/></Operator>`;
const link = (from: string, to: string) => `<Link source="${from}" target="${to}"/>`;
const flow = (...parts: string[]) => `<Process Version="6.2.0.0">${parts.join('')}</Process>`;

const in_ = (operator: string, name: string) =>
  operator.replace(
    / uuid="\w+">/,
    (uuid) => `${uuid}<Parameter key="dbConnectionName" value="${name}"/>`,
  );
const script = (name: string) =>
  `<Operator name="${name}" type="x.SqlExecuteOperator" uuid="${name}"><Parameter key="sql" value="select 1"/>` +
  `<Parameter key="passOutput" value="No"/></Operator>`;
const explorer =
  '<Operator name="e" type="x.Frequency" uuid="e"><Parameter key="columnNames" value="id"/></Operator>';
const copy = (name: string) =>
  `<Operator name="${name}" type="x.CopyToDBOperator" uuid="${name}"><Parameter key="schemaName" value="out"/>` +
  `<Parameter key="copyToTableName" value="${name}"/></Operator>`;
const samples =
  '<Operator name="samples" type="x.RandomSampling" uuid="samples"><Parameter key="outputTable" value="samples"/>' +
  '<SampleSizeModel><sampleSizes sampleSize="5"/></SampleSizeModel></Operator>';
const model =
  '<Operator name="model" type="x.KMeans" uuid="model"><Parameter key="columnNames" value="id"/>' +
  '<Parameter key="k" value="2"/></Operator>';
const view = (name: string) =>
  filter(name, 'true').replace('<Row', '<Parameter key="outputType" value="VIEW"/><Row');

describe('planFlow', () => {
  it('gives the worked example its documented order and statements', async () => {
    const variables: VariableOverride[] = [{ name: '@min_lines', value: '7' }];
    const { operators } = planFlow(snapshot(WORKED_EXAMPLE, { variables }));
    expect(operators.map(({ name }) => name)).toEqual([
      'credit',
      'Load band',
      'Heavy users',
      'golfnew',
      'Golf days',
    ]);
    expect(operators.map(({ inputs }) => inputs)).toEqual([[], [0], [1], [], [3]]);

    const inputs: Record<string, Relation> = {
      'Load band': relation('demo', 'credit', 'id revolving_util credit_lines monthly_income'),
      'Heavy users': relation(
        'public',
        'alp7_21_var_0',
        'id credit_lines monthly_income load_band',
      ),
      'Golf days': relation('demo', 'golfnew', 'outlook temperature humidity wind play'),
    };
    const statements: string[] = [];
    for (const operator of operators.filter(({ outputs }) => outputs.length > 0)) {
      const data = [inputs[operator.name]!];
      const run = await dryRun(operator.run({ data, samples: [], models: [] }));
      statements.push(...run.statements);
    }
    expect(statements.map((text) => text.replace(/\s+/g, ' '))).toEqual([
      `CREATE VIEW "public"."alp7_21_var_0" AS SELECT "id", "credit_lines", "monthly_income", ` +
        `(case when "revolving_util" > 0.5 then 'high' else 'low' end)::text AS "load_band" FROM "demo"."credit"`,
      `CREATE TABLE "public"."alp7_21_rowfil_0" AS SELECT "id", "credit_lines", "monthly_income", "load_band" ` +
        `FROM "public"."alp7_21_var_0" WHERE ("credit_lines" >= 7) AND ("load_band" = 'high')`,
      `CREATE TABLE "public"."alp7_21_rowfil_1" AS SELECT "outlook", "temperature", "humidity", "wind", "play" ` +
        `FROM "demo"."golfnew" WHERE ("outlook" = 'rain' and "humidity" between 70 and 90)`,
    ]);
  });

  it('lists every problem, with operator and parameter', () => {
    const problems = problemsOf(
      flow(
        source('credit'),
        '<Operator name="f" type="x.FilterOperator" uuid="f"/>',
        '<Operator name="h" type="com.alpine.miner.gef.runoperator.hadoop.HadoopJoinOperator" uuid="h"/>',
        '<Operator name="u" type="x.UnheardOperator" uuid="u"/>',
        link('credit', 'missing'),
      ),
    );
    expect(problems).toEqual([
      expect.objectContaining({ operator: 'missing', message: expect.stringContaining('missing') }),
      expect.objectContaining({
        operator: 'f',
        parameter: null,
        message: 'Row Filter takes exactly 1 data set as input and has 0',
      }),
      expect.objectContaining({ operator: 'f', parameter: 'RowFilterConditionModel' }),
      expect.objectContaining({ operator: 'f', parameter: 'outputTable' }),
      expect.objectContaining({
        operator: 'h',
        message: expect.stringContaining('needs a Hadoop data source'),
      }),
      expect.objectContaining({
        operator: 'u',
        parameter: 'type',
        message: 'type "x.UnheardOperator" is not supported by this server',
      }),
    ]);
  });

  it.each(OPERATORS.map((kind) => [kind.title, kind] as const))(
    'finds nothing wrong with parameters that are not there, only missing: %s',
    (_title, { types: [type = ''], inputs, delivers }) => {
      const bare = (name: string) =>
        `<Operator name="${name}" type="x.${type}" uuid="${name}"><Parameter key="dbConnectionName" value="s"/></Operator>`;
      const tables = ['t', 'u'].slice(0, inputs.data?.min ?? 0);
      const producers = [
        ...tables,
        ...(inputs.samples ? ['samples'] : []),
        ...(inputs.models?.min ? ['model'] : []),
      ];
      // A second one could be taken to write the same table, and one behind it to have no input.
      const afm = flow(
        ...['t', 'u'].map((name) => source(name)),
        samples,
        model,
        bare('one'),
        bare('two'),
        explorer,
        link('t', 'samples'),
        link('t', 'model'),
        ...['one', 'two'].flatMap((name) => producers.map((producer) => link(producer, name))),
        delivers === 'data' ? link('one', 'e') : link('t', 'e'),
      );
      const problems = problemsOf(afm);
      expect(problems.filter(({ kind }) => kind !== 'missing')).toEqual([]);
      for (const { message } of problems)
        expect(message).toMatch(/; found parameters: .*dbConnectionName; elements: none$/);
    },
  );

  it('finds what is missing beside what is wrong', () => {
    const filtered = filter('f', 'true', '');
    const sampled = samples.replace(
      '<SampleSizeModel>',
      '<Parameter key="sampleCount" value="0"/>$&',
    );
    const afm = flow(source('t'), filtered, sampled, link('t', 'f'), link('t', 'samples'));
    expect(problemsOf(afm).map(({ operator, kind }) => [operator, kind])).toEqual([
      ['f', 'missing'],
      ['samples', 'invalid'],
    ]);
    expect(problemsOf(afm.replace('<sampleSizes sampleSize="5"/>', ''))).toContainEqual({
      operator: 'samples',
      parameter: 'SampleSizeModel',
      message:
        'element "SampleSizeModel" has no sizes; found parameters: outputSchema, outputTable, sampleCount; elements: SampleSizeModel',
      kind: 'missing',
    });
  });

  it.each([
    ['text that is no XML', 'not xml', /not well-formed XML/],
    ['another root', '<Flow/>', /root element/],
    ['no operators', flow(), /has no operators/],
    ['a document type', '<!DOCTYPE Process [<!ENTITY a "b">]><Process/>', /document type/],
    [
      'an external entity',
      '<!DOCTYPE Process [<!ENTITY a SYSTEM "file:///etc/passwd">]><Process>&a;</Process>',
      /not well-formed XML|document type/,
    ],
    ['an undefined entity', '<Process>&a;</Process>', /not well-formed XML/],
    [
      'a cycle',
      flow(filter('a', 'true'), filter('b', 'true'), link('a', 'b'), link('b', 'a')),
      /form a cycle/,
    ],
    ['a link to itself', flow(filter('a', 'true'), link('a', 'a')), /form a cycle/],
    ['one name twice', flow(source('a'), source('a')), /two operators have this name/],
    [
      'two operators on one table',
      flow(
        source('a'),
        filter('b', 'true', 't'),
        filter('c', 'true', 't'),
        link('a', 'b'),
        link('a', 'c'),
      ),
      /"b" also writes "out"."t"/,
    ],
    [
      'an output that is a source',
      flow(
        source('a'),
        filter('b', 'true', 'a').replace('value="out"', 'value="demo"'),
        link('a', 'b'),
      ),
      /would replace "demo"."a", which "a" reads/,
    ],
    [
      'a name PostgreSQL would cut',
      flow(source('a'), filter('b', 'true', 'ü'.repeat(32)), link('a', 'b')),
      /longer than 63 bytes/,
    ],
    [
      'a variable that leads back to itself',
      flow(
        source('a'),
        '<VariableModel><Variable><Name>@x</Name><Value>@y</Value></Variable>' +
          '<Variable><Name>@y</Name><Value>@x</Value></Variable></VariableModel>',
      ),
      /refers to itself: @x → @y → @x/,
    ],
    [
      'deep nesting',
      flow(
        `<Operator name="a" type="x.DbTable">${'<m>'.repeat(99)}${'</m>'.repeat(99)}</Operator>`,
      ),
      /nested too deeply/,
    ],
  ])('refuses %s', (_title, afm, message) => {
    expect(
      problemsOf(afm)
        .map((problem) => problem.message)
        .join('\n'),
    ).toMatch(message);
  });

  describe('finds the database of a data source', () => {
    const second = {
      ...WAREHOUSE,
      databaseId: 11,
      databaseName: 'sales',
      dataSourceName: 's',
      accountId: 4,
    };
    const third = {
      ...WAREHOUSE,
      databaseId: 12,
      databaseName: 'other',
      dataSourceName: 't',
      accountId: 5,
    };
    const database = (afm: string, locations: readonly RunLocation[]) =>
      planFlow(snapshot(afm, { locations })).operators.map(({ databaseId }) => databaseId);
    const block = (name: string, url: string) =>
      `<DataSources><DataSource name="${name}" type="Database"><Parameter key="url" value="${url}"/></DataSource></DataSources>`;

    it('in the only location, whatever its name', () => {
      expect(database(flow(source('a')), [WAREHOUSE])).toEqual([1]);
    });
    it('by its name', () => {
      expect(database(flow(source('a')), [WAREHOUSE, third, second])).toEqual([11]);
    });
    it('by the name of its database', () => {
      const afm = flow(block('s', 'jdbc:postgresql://db:5432/miner_demo?ssl=true'), source('a'));
      expect(database(afm, [third, WAREHOUSE])).toEqual([1]);
    });
    it('by position', () => {
      expect(database(flow(source('a')), [third, WAREHOUSE])).toEqual([12]);
    });
    it('by the name of its database, of several in one data source', () => {
      const one = { ...WAREHOUSE, dataSourceName: 's' };
      const named = (name: string) =>
        source('a').replace(
          '<Parameter',
          `<Parameter key="databaseName" value="${name}"/><Parameter`,
        );
      expect(database(flow(named('sales')), [one, second])).toEqual([11]);
      expect(database(flow(named('miner_demo')), [second, one])).toEqual([1]);
    });

    it('elsewhere than its input for copies alone, and what follows is there', () => {
      const afm = flow(
        source('a'),
        view('here'),
        in_(copy('c'), 't'),
        view('there'),
        link('a', 'here'),
        link('here', 'c'),
        link('c', 'there'),
      );
      const { operators } = planFlow(snapshot(afm, { locations: [second, third] }));
      expect(
        operators.map(({ name, databaseId, sourceDatabaseId, context }) => [
          name,
          databaseId,
          sourceDatabaseId,
          context.inputIsElsewhere,
          // A view of that name in this database would be somebody else's.
          context.downstreamOutputs.map(({ table }) => table),
        ]),
      ).toEqual([
        ['a', 11, null, false, ['here']],
        ['here', 11, null, false, []],
        ['c', 12, 11, true, ['there']],
        ['there', 12, null, false, []],
      ]);
    });
    it('where its input is for a copy that names no other', () => {
      const afm = flow(source('a'), copy('c'), link('a', 'c'));
      const [, copied] = planFlow(snapshot(afm, { locations: [second, third] })).operators;
      expect(copied).toMatchObject({ databaseId: 11, sourceDatabaseId: null });
    });
    it('of its own for what only comes after another operator', () => {
      const afm = flow(
        source('a'),
        explorer,
        in_(script('then'), 't'),
        link('a', 'e'),
        link('e', 'then'),
      );
      expect(database(afm, [second, third])).toEqual([11, 11, 12]);
    });
    it('and lets no other operator read from elsewhere', () => {
      const afm = flow(source('a'), in_(script('x'), 't'), link('a', 'x'));
      expect(problemsOf(afm, { locations: [second, third] })).toEqual([
        expect.objectContaining({
          operator: 'x',
          message: 'it runs in "t"/"other", and its input is in "s"/"sales"',
        }),
      ]);
      const unknown = flow(
        source('a'),
        in_(script('b'), 't'),
        in_(copy('c'), 'nowhere'),
        link('a', 'c'),
      );
      expect(problemsOf(unknown, { locations: [second, third] })).toEqual([
        expect.objectContaining({ operator: 'c', kind: 'not_here' }),
      ]);
    });
    it('or says that there is none', () => {
      expect(problemsOf(flow(source('a')), { locations: [] })).toEqual([
        expect.objectContaining({ operator: 'a', parameter: 'dbConnectionName' }),
      ]);
    });
  });

  describe('takes a script that passes no output on for no input', () => {
    const after = (...links: string[]) =>
      flow(source('a'), source('b'), script('prepare'), filter('f', 'true'), ...links);

    it('beside one, at any place', async () => {
      for (const links of [
        [link('a', 'f'), link('prepare', 'f')],
        [link('prepare', 'f'), link('a', 'f')],
      ]) {
        const { operators } = planFlow(snapshot(after(link('b', 'prepare'), ...links)));
        expect(operators.map(({ name, delivers }) => [name, delivers])).toEqual([
          ['a', 'data'],
          ['b', 'data'],
          ['prepare', 'nothing'],
          ['f', 'data'],
        ]);
        const data = [relation('demo', 'a', 'id')];
        const { statements } = await dryRun(operators[3]!.run({ data, samples: [], models: [] }));
        expect(statements).toEqual([expect.stringContaining('FROM "demo"."a"')]);
      }
    });

    it('nor counts it in the order of a difference', async () => {
      const except =
        '<Operator name="x" type="x.SetOperation" uuid="x"><Parameter key="outputSchema" value="out"/>' +
        '<Parameter key="outputTable" value="x"/><Parameter key="setType" value="EXCEPT"/>' +
        '<Parameter key="firstTable" value="b"/></Operator>';
      const links = ['prepare', 'a', 'b'].map((name) => link(name, 'x'));
      const afm = flow(source('a'), source('b'), script('prepare'), except, ...links);
      const plan = planFlow(snapshot(afm));
      const x = plan.operators.find(({ name }) => name === 'x')!;
      const data = ['a', 'b'].map((table) => relation('demo', table, 'id'));
      const { statements } = await dryRun(x.run({ data, samples: [], models: [] }));
      expect(statements).toEqual([
        expect.stringMatching(/FROM "demo"."b"\s+EXCEPT\s+SELECT "id" FROM "demo"."a"/),
      ]);
    });

    it('and says so where one is missing', () => {
      expect(problemsOf(after(link('a', 'prepare'), link('prepare', 'f')))).toEqual([
        expect.objectContaining({
          operator: 'f',
          message:
            'Row Filter takes exactly 1 data set as input and has 0; "prepare" passes no output on',
        }),
      ]);
    });
  });

  it('knows which copies can be done again', () => {
    const mode = (ifDataExists: string) =>
      copy('c').replace('<Par', `<Parameter key="ifDataExists" value="${ifDataExists}"/><Par`);
    const repeatable = (ifDataExists: string) =>
      planFlow(snapshot(flow(source('a'), mode(ifDataExists), link('a', 'c')))).operators[1]!
        .repeatable;
    expect(['Drop', 'Skip', 'Append', 'Error'].map(repeatable)).toEqual([true, true, false, false]);
  });

  it('lets no variable change what an identifier is', async () => {
    const values = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .filter(
        (text) =>
          text.trim() === text && !/[@\0]/.test(text) && Buffer.from(text).toString() === text,
      );
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const afm = flow(
          source('credit'),
          filter('f', 'true', 't_@v'),
          link('credit', 'f'),
          '<VariableModel><Variable><Name>@v</Name><Value>x</Value></Variable></VariableModel>',
        );
        const variables = [{ name: '@v', value }];
        const [, operator] = planFlow(snapshot(afm, { variables })).operators;
        const data = [relation('demo', 'credit', 'id')];
        const { statements } = await dryRun(operator!.run({ data, samples: [], models: [] }));
        const name = `"t_${value.replace(/"/g, '""')}"`;
        expect(statements[0]).toBe(
          `CREATE TABLE "out".${name} AS\nSELECT "id"\nFROM "demo"."credit"\nWHERE (true)`,
        );
      }),
    );
  });

  it('puts producers before consumers, whatever the graph', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.record({
        parents: fc.array(fc.nat(), { minLength: size, maxLength: size }),
        places: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
      }),
    );
    fc.assert(
      fc.property(graph, ({ parents, places }) => {
        const name = (i: number) => `n${i}`;
        const xml = places.map((i) => filter(name(i), 'true'));
        const links = parents.map((pick, i) => link(i === 0 ? 'root' : name(pick % i), name(i)));
        const { operators } = planFlow(snapshot(flow(...xml, source('root'), ...links)));
        expect(operators).toHaveLength(places.length + 1);
        for (const { position, inputs } of operators)
          for (const input of inputs) expect(input).toBeLessThan(position);
      }),
    );
  });
});
