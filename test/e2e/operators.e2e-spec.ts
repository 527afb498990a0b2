import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { element, type FlowOperator, operator, tableSource } from '../support/flows.js';
import { figures, type Link, OperatorRuns, type Output, part } from '../support/operator-runs.js';
import { GOLF_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

// The weather data of Quinlan: its counts are well known. `odd` has what is easily got wrong.
const PREPARE = `
  CREATE TABLE demo.odd ("id" int, "Ünï ""q"" %" text, "when" timestamp, n numeric(12,4), flag boolean, tags int[]);
  INSERT INTO demo.odd VALUES
    (1, 'it''s', '2026-01-02 03:04:05', 1.5, true, '{1,2}'), (2, NULL, NULL, NULL, NULL, NULL),
    (3, '', '2026-01-03 00:00:00', -2, false, '{}'), (4, '日本', '2026-01-04 00:00:00', 0, true, NULL);
  CREATE TABLE demo.kinds AS SELECT "when", flag, lpad(id::text, 32, '0')::uuid AS kind FROM demo.odd;
  CREATE TABLE demo.nothing (a int, b text);
  CREATE TABLE demo.infinite AS SELECT i AS y, CASE WHEN i = 3 THEN 'Infinity'::float8 ELSE i * i END AS x FROM generate_series(1, 9) i;
  CREATE TABLE demo."with_Infinity" AS SELECT y % 2 = 0 AS good, x, y * y % 7 AS z FROM demo.infinite;
  CREATE TABLE demo."with_NaN" AS SELECT good, CASE WHEN x = 'Infinity' THEN 'NaN' ELSE x END AS x, z FROM demo."with_Infinity";
  CREATE TABLE demo.wide AS SELECT ${Array.from({ length: 400 }, (_, i) => `${i} AS c${i}`).join(', ')};
  -- Longley (1967), the certified test of NIST's StRD for linear regression.
  CREATE TABLE demo.longley (y float8, x1 float8, x2 float8, x3 float8, x4 float8, x5 float8, x6 float8);
  INSERT INTO demo.longley VALUES
    (60323,83.0,234289,2356,1590,107608,1947),(61122,88.5,259426,2325,1456,108632,1948),
    (60171,88.2,258054,3682,1616,109773,1949),(61187,89.5,284599,3351,1650,110929,1950),
    (63221,96.2,328975,2099,3099,112075,1951),(63639,98.1,346999,1932,3594,113270,1952),
    (64989,99.0,365385,1870,3547,115094,1953),(63761,100.0,363112,3578,3350,116219,1954),
    (66019,101.2,397469,2904,3048,117388,1955),(67857,104.6,419180,2822,2857,118734,1956),
    (68169,108.4,442769,2936,2798,120445,1957),(66513,110.8,444546,4681,2637,121950,1958),
    (68655,112.6,482704,3813,2552,123366,1959),(69564,114.2,502601,3931,2514,125368,1960),
    (69331,115.7,518173,4806,2572,127852,1961),(70551,116.9,554894,4007,2827,130081,1962);
  -- Hours of study and passing an exam: the example of Wikipedia's article on logistic regression.
  CREATE TABLE demo.exam (hours float8, passed boolean);
  INSERT INTO demo.exam VALUES (0.5,false),(0.75,false),(1,false),(1.25,false),(1.5,false),(1.75,false),(1.75,true),
    (2,false),(2.25,true),(2.5,false),(2.75,true),(3,false),(3.25,true),(3.5,false),(4,true),(4.25,true),(4.5,true),
    (4.75,true),(5,true),(5.5,true);
  CREATE TABLE demo.points AS SELECT i AS id, (i % 3) * 100 + (i * 7 % 10) AS x, (i % 3) * 50 + (i * 3 % 10) AS y
    FROM generate_series(1, 300) i;
  -- What is shown depends on no setting of the data source.
  ALTER DATABASE "default" SET datestyle = 'SQL, DMY';
`;

describe('operators in PostgreSQL', () => {
  let server: TestServer;
  let app: TestApp;
  let runs: OperatorRuns;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    await query(server.dataUrl, 'GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo');
    await query(server.dataUrl, 'CREATE TABLE demo.secret AS SELECT 1 AS x');
    app = await startTestApp(server.config());
    runs = new OperatorRuns(server, await app.as('owner'));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  const run: OperatorRuns['run'] = (...given) => runs.run(...given);
  const chain: OperatorRuns['chain'] = (...given) => runs.chain(...given);
  const rows = (table: string, order?: string) => runs.rows(table, order);

  it('show what they read and made', async () => {
    const { output, document } = await chain(
      'odd',
      operator('Column Filter', 'ColumnFilter', { columnNames: 'id,Ünï "q" %,when,n,flag,tags' }),
    );
    expect(output('odd').visualData).toEqual({
      columns: ['id', 'Ünï "q" %', 'when', 'n', 'flag', 'tags'],
      columnTypes: ['number', 'cate', 'datetime', 'number', 'cate', 'cate'],
      items: [
        {
          id: '1',
          'Ünï "q" %': "it's",
          when: '2026-01-02T03:04:05',
          n: '1.5000',
          flag: 'true',
          tags: '{1,2}',
        },
        { id: '2', 'Ünï "q" %': '', when: '', n: '', flag: '', tags: '' },
        {
          id: '3',
          'Ünï "q" %': '',
          when: '2026-01-03T00:00:00',
          n: '-2',
          flag: 'false',
          tags: '{}',
        },
        {
          id: '4',
          'Ünï "q" %': '日本',
          when: '2026-01-04T00:00:00',
          n: '0',
          flag: 'true',
          tags: '',
        },
      ],
      tableName: 'demo.odd',
      errorMessages: [
        'Operation created output with 6 columns and 4 rows. Visualization of rows limited to 25.',
      ],
      fixedNumberOfColumns: 0,
    });
    expect(output('Column Filter').visualData.items).toEqual(output('odd').visualData.items);
    const labels = output('odd').node_meta_info.map(([label]: [string]) => label);
    expect(labels).toEqual([
      'Node name:',
      'Algorithm name: ',
      'Algorithm description: ',
      'Executing start from: ',
      'Executing end to: ',
      'Database URL',
      'TableName',
      'Database User Name',
    ]);
    expect(document.flowMetaInfo).toEqual({
      workflowId: String(GOLF_FLOW),
      workflowName: 'golf_days',
      processId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      executeUser: '1000006',
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      endTime: expect.any(String),
      status: 'SUCCESS',
      noOfNodesProcessed: 2,
      noOfError: 0,
    });
    const logs = document.logs.filter(({ message }: any) => message !== 'sql_log');
    expect(logs).toHaveLength(5);
  });

  it('work on empty input, wide tables and views', async () => {
    const empty = await chain(
      'nothing',
      operator(
        'filtered',
        'Filter',
        { outputType: 'VIEW' },
        '<RowFilterConditionModel useAll="true" sqlType="nosql"/>',
      ),
      operator(
        'summed',
        'Aggregation',
        {},
        element('AggregateFieldItem', { columnName: 'a', function: 'sum', alias: 's' }),
      ),
    );
    expect(empty.output('filtered').visualData.items).toEqual([]);
    expect(empty.shown.items).toEqual([{ s: '' }]);
    const wide = await chain(
      'wide',
      operator('narrow', 'ColumnFilter', { columnNames: 'c399,c0' }),
    );
    expect(wide.output('wide').visualData.columns).toHaveLength(400);
    expect(wide.shown.items).toEqual([{ c399: '399', c0: '0' }]);
  });

  it('aggregate, with windows over the groups', async () => {
    const { shown } = await chain(
      'golfnew',
      operator(
        'by outlook',
        'Aggregation',
        { groupByColumns: 'outlook' },
        element('AggregateFieldItem', { function: 'count', alias: 'n' }) +
          element('AggregateFieldItem', {
            columnName: 'humidity',
            function: 'avg',
            alias: 'mean',
          }) +
          element('AggregateFieldItem', { columnName: 'wind', function: 'count distinct' }) +
          element('WindowFieldItem', {
            function: 'rank()',
            over: 'ORDER BY count(*) DESC',
            alias: 'r',
          }),
      ),
    );
    const sorted = [...shown.items].sort((a: any, b: any) => (a.outlook < b.outlook ? -1 : 1));
    expect(sorted).toEqual([
      { outlook: 'overcast', n: '4', mean: expect.any(String), count_distinct_wind: '2', r: '3' },
      { outlook: 'rain', n: '5', mean: expect.any(String), count_distinct_wind: '2', r: '1' },
      { outlook: 'sunny', n: '5', mean: expect.any(String), count_distinct_wind: '2', r: '1' },
    ]);
  });

  it('tell of NULLs that are not aggregated', async () => {
    const sums = (name: string, outputType: string) =>
      operator(
        name,
        'Aggregation',
        { groupByColumns: 'flag', outputType },
        element('AggregateFieldItem', { columnName: 'n', function: 'sum' }) +
          element('AggregateFieldItem', { columnName: 'id', function: 'max' }) +
          element('AggregateFieldItem', { columnName: 'tags', function: 'count' }),
      );
    const warnings = (document: Output) =>
      document.logs.filter(({ message }: any) => message === 'bad_data');
    const made = await chain('odd', sums('sums', 'TABLE'));
    expect(warnings(made.document)).toEqual([
      expect.objectContaining({
        nodeName: 'sums',
        logmessage: 'NULLs are not aggregated: "n" has 1, "tags" has 2',
      }),
    ]);
    expect(await rows('sums', 'flag')).toEqual([
      { flag: false, sum_n: '-2.0000', max_id: 3, count_tags: '1' },
      { flag: true, sum_n: '1.5000', max_id: 4, count_tags: '1' },
      { flag: null, sum_n: null, max_id: 2, count_tags: '0' },
    ]);
    const seen = await chain('odd', sums('sums seen', 'VIEW'));
    expect(warnings(seen.document)).toEqual([]);
  });

  it.each([
    ['UNION', '5'],
    ['UNION ALL', '19'],
    ['INTERSECT', '3'],
    ['EXCEPT', '0'],
  ])('unite, intersect and subtract: %s', async (setType, count) => {
    const { run: ended, output } = await run(
      [
        tableSource('golfnew'),
        operator('a', 'ColumnFilter', { columnNames: 'outlook' }),
        operator('b', 'SqlExecute', {
          sql: `CREATE TABLE alpine_sql_output AS SELECT "outlook" FROM alpine_sql_input_1 GROUP BY 1 UNION ALL SELECT 'fog' UNION ALL SELECT 'snow'`,
        }),
        operator('both', 'SetOperation', { setType, firstTable: 'a' }),
      ],
      [
        ['golfnew', 'a'],
        ['golfnew', 'b'],
        ['b', 'both'],
        ['a', 'both'],
      ],
    );
    expect(ended.error).toBeNull();
    expect(output('both').visualData.errorMessages[0]).toContain(` ${count} row`);
  });

  it('join what a cross join has put together by a condition', async () => {
    const table = (alias: string, operID: string) => element('JoinTableModel', { alias, operID });
    const on = (joinType: string, columns: Record<string, string>) =>
      element('JoinConditionModel', { joinType, tableAlias1: 'e', tableAlias2: 'p', ...columns });
    const { run: ended, output } = await run(
      [
        tableSource('exam'),
        tableSource('points'),
        operator(
          'joined',
          'TableJoin',
          {},
          element(
            'TableJoinDefinition',
            {},
            table('e', 'u0'),
            table('p', 'u1'),
            element('JoinColumnModel', { tableAlias: 'p', columnName: 'id' }),
            on('CROSS JOIN', {}),
            on('JOIN', { column1: '"p"."id"', condition: '=', column2: '"e"."hours"' }),
          ),
        ),
      ],
      [
        ['exam', 'joined'],
        ['points', 'joined'],
      ],
    );
    expect(ended.error).toBeNull();
    // Hours that are whole numbers: 1 to 5.
    expect(output('joined').visualData.items).toHaveLength(5);
  });

  it('sort and number the rows', async () => {
    await chain(
      'golfnew',
      operator('sorted', 'Sort', { columnNames: 'humidity desc, temperature', limit: '3' }),
    );
    expect(await rows('sorted', 'row_number')).toMatchObject([
      { humidity: '96', row_number: '1' },
      { humidity: '95', row_number: '2' },
      { humidity: '90', row_number: '3' },
    ]);
  });

  it('replace NULLs by constants and aggregates, in groups', async () => {
    const item = (columnName: string, method: string, value = '') =>
      element('NullReplacementItem', { columnName, method, value });
    await chain(
      'odd',
      operator(
        'filled',
        'ReplaceNull',
        {},
        item('n', 'average') + item('flag', 'value') + item('Ünï "q" %', 'value', "o'n"),
      ),
    );
    const [, second] = await rows('filled');
    expect(second).toMatchObject({ n: '-0.1667', flag: false, 'Ünï "q" %': "o'n", when: null });
    await chain(
      'odd',
      operator('grouped', 'ReplaceNull', { groupByColumns: 'flag' }, item('n', 'maximum')),
    );
    expect((await rows('grouped'))[1]).toMatchObject({ n: null });
  });

  it.each([
    ['Z-Transformation', 'avg(humidity)', 'stddev_samp(humidity)', 0, 1],
    ['Range', 'min(humidity)', 'max(humidity)', 0, 1],
    ['Divide-By-Average', 'avg(humidity)', '1', 1, 1],
    ['Proportion', 'sum(humidity)', '1', 1, 1],
  ])('normalise: %s', async (method, first, second, a, b) => {
    await chain(
      'golfnew',
      operator('normal', 'Normalization', { columnNames: 'humidity', method }),
    );
    const [found] = await query<{ a: number; b: number }>(
      server.dataUrl,
      `SELECT (${first})::float8 AS a, (${second})::float8 AS b FROM "default".normal`,
    );
    expect(found!.a).toBeCloseTo(a, 12);
    expect(found!.b).toBeCloseTo(b, 12);
  });

  it('tell which columns cannot be normalised', async () => {
    await query(
      server.dataUrl,
      `CREATE TABLE demo.flat AS SELECT i AS id, 7 AS same, NULL::float8 AS none, i - 2 AS centred FROM generate_series(1, 3) i;
       GRANT SELECT ON demo.flat TO fermata_demo`,
    );
    const told = async (method: string) => {
      const { document } = await chain(
        'flat',
        operator('scaled', 'Normalization', { columnNames: 'id,same,none,centred', method }),
      );
      return document.logs
        .filter(({ message }: any) => message === 'bad_data')
        .map(({ logmessage }: any) => /: ([^:]*)$/.exec(logmessage)![1]);
    };
    expect(await told('Z-Transformation')).toEqual(['same, none']);
    expect(await told('Proportion')).toEqual(['none, centred']);
    expect((await rows('scaled'))[0]).toMatchObject({ same: 1 / 3, none: null, centred: null });
  });

  it('pivot', async () => {
    await chain(
      'golfnew',
      operator('pivoted', 'Pivot', {
        pivotColumn: 'wind',
        groupByColumn: 'outlook',
        aggregateColumn: 'temperature',
        aggregateFunction: 'count',
      }),
    );
    expect(await rows('pivoted')).toEqual([
      { outlook: 'overcast', wind_false: '2', wind_true: '2' },
      { outlook: 'rain', wind_false: '3', wind_true: '2' },
      { outlook: 'sunny', wind_false: '3', wind_true: '2' },
    ]);
  });

  it('put values into bins', async () => {
    const bins =
      element('QuantileItem', {
        columnName: 'humidity',
        newColumnName: 'q',
        numberOfBin: '2',
        quantileType: 'Average Ascend',
      }) +
      element(
        'QuantileItem',
        { columnName: 'humidity', newColumnName: 'own', quantileType: 'Customize' },
        element('bin', { upper: '75' }),
        element('bin', { lower: '75', upper: '90' }),
        element('bin', { lower: '90' }),
      );
    await chain(
      'golfnew',
      operator(
        'binned',
        'Variable',
        { columnNames: 'humidity' },
        `<QuantileModel>${bins}</QuantileModel>`,
      ),
    );
    const found = await query(
      server.dataUrl,
      'SELECT q, count(*)::int AS n FROM "default".binned GROUP BY q ORDER BY q',
    );
    expect(found).toEqual([
      { q: 1, n: 7 },
      { q: 2, n: 7 },
    ]);
    const [wrong] = await query(
      server.dataUrl,
      'SELECT count(*)::int AS n FROM "default".binned WHERE own IS DISTINCT FROM CASE WHEN humidity < 75 THEN 1 WHEN humidity < 90 THEN 2 ELSE 3 END',
    );
    expect(wrong).toEqual({ n: 0 });
  });

  it('compute one expression of many columns', async () => {
    const item = element('DerivedFieldItem', {
      dataType: 'DOUBLE',
      multiVarColumn: 'x',
      multiVarFormat: 'double_x',
      multiVarReplacementExpression: '2 * x',
      multiVarReturnColumns: 'humidity,temperature',
    });
    await chain(
      'golfnew',
      operator(
        'doubled',
        'Variable',
        { columnNames: 'humidity,temperature' },
        `<DerivedFieldsModel>${item}</DerivedFieldsModel>`,
      ),
    );
    const [check] = await query(
      server.dataUrl,
      'SELECT count(*)::int AS n FROM "default".doubled WHERE double_humidity = 2 * humidity AND double_temperature = 2 * temperature',
    );
    expect(check).toEqual({ n: 14 });
  });

  const sizes = (...values: number[]) =>
    `<SampleSizeModel>${values.map((_, i) => `<sampleIDs sampleID="${i + 1}"/>`).join('')}` +
    `${values.map((value) => `<sampleSizes sampleSize="${value}"/>`).join('')}</SampleSizeModel>`;

  it('draw samples that add up, share no row, and are the same again', async () => {
    const flow = (name: string): FlowOperator[] => [
      operator(
        name,
        'RandomSampling',
        {
          sampleCount: '3',
          sampleSizeType: 'Percentage',
          randomSeed: '0.1',
          consistent: 'true',
          keyColumnList: 'id',
          disjoint: 'true',
        },
        sizes(10, 30, 60),
      ),
      operator('picked', 'SampleSelector', { selectedTable: `somewhere.else_${name}_2` }),
    ];
    const { shown, output } = await chain('points', ...flow('first'));
    await chain('points', ...flow('again'));
    const count = await query(
      server.dataUrl,
      `SELECT (SELECT count(*) FROM "default".first_0)::int a, (SELECT count(*) FROM "default".first_1)::int b, (SELECT count(*) FROM "default".first_2)::int c,
      (SELECT count(DISTINCT id) FROM (SELECT id FROM "default".first_0 UNION ALL SELECT id FROM "default".first_1 UNION ALL SELECT id FROM "default".first_2) u)::int d,
      (SELECT count(*) FROM (SELECT * FROM "default".first_1 EXCEPT SELECT * FROM "default".again_1) e)::int e`,
    );
    expect(count).toEqual([{ a: 30, b: 90, c: 180, d: 300, e: 0 }]);
    expect(output('first')).toMatchObject({
      visualType: 6,
      visualData: [{ out_title: 'first_0' }, {}, {}],
    });
    expect(shown.tableName).toBe('default.first_2');
  });

  it('draw with replacement, by number of rows, and from nothing', async () => {
    const draw = (name: string, parameters: Record<string, string>, ...values: number[]) =>
      operator(
        name,
        'RandomSampling',
        { sampleCount: String(values.length), ...parameters },
        sizes(...values),
      );
    await chain('points', draw('more', { sampleSizeType: 'ROW', replacement: 'true' }, 1000));
    await chain('points', draw('all', { sampleSizeType: 'ROW', randomSeed: '0.5' }, 5000));
    await chain('nothing', draw('none', { replacement: 'true' }, 50));
    const [count] = await query(
      server.dataUrl,
      'SELECT (SELECT count(*) FROM "default".more_0)::int AS more, (SELECT count(*) FROM "default".all_0)::int AS "all", (SELECT count(*) FROM "default".none_0)::int AS none',
    );
    expect(count).toEqual({ more: 1000, all: 300, none: 0 });
  });

  it.each([
    ['RandomSampling', {}],
    ['StratifiedSampling', { samplingColumn: 'x' }],
  ])('draw the same rows again, with replacement: %s', async (type, own) => {
    const draw = (name: string, randomSeed: string) => {
      const parameters = { ...own, sampleCount: '2', consistent: 'true', replacement: 'true' };
      return operator(name, type, { ...parameters, randomSeed }, sizes(50, 50));
    };
    await chain('points', draw('first', '0.1'));
    await chain('points', draw('again', '0.1'));
    await chain('points', draw('other', '0.2'));
    const ids = async (table: string) => (await rows(table, 'id')).map(({ id }) => id as number);
    const first = await ids('first_0');
    expect(first).toHaveLength(150);
    expect(await ids('again_0')).toEqual(first);
    expect(await ids('again_1')).toEqual(await ids('first_1'));
    expect(await ids('first_1')).not.toEqual(first);
    expect(await ids('other_0')).not.toEqual(first);
    // Of 300 rows, 150 draws are expected to find 118 different ones, give or take five.
    const different = new Set(first).size;
    expect(different).toBeGreaterThan(95);
    expect(different).toBeLessThan(141);
  });

  it('draw samples in which every value of a column has its share', async () => {
    const draw = (name: string, parameters: Record<string, string>, ...values: number[]) =>
      operator(
        name,
        'StratifiedSampling',
        { samplingColumn: 'kind', sampleCount: String(values.length), ...parameters },
        sizes(...values),
      );
    // 200 of one kind, 90 of another, 9 of a third, one of none.
    const kinds = operator('kinds', 'SqlExecute', {
      sql: `CREATE TABLE alpine_sql_output AS SELECT id, CASE WHEN id <= 200 THEN 'a' WHEN id <= 290 THEN 'b' WHEN id < 300 THEN 'ç ''c''' END AS kind FROM alpine_sql_input_1`,
    });
    const same = { disjoint: 'true', consistent: 'true' };
    await chain('points', kinds, draw('shares', same, 10, 90));
    const counts = (table: string) =>
      query(
        server.dataUrl,
        `SELECT kind, count(*)::int AS n, count(DISTINCT id)::int AS different FROM "default"."${table}" GROUP BY kind ORDER BY kind`,
      );
    const first = await counts('shares_0');
    expect(first.slice(0, 2)).toEqual([
      { kind: 'a', n: 20, different: 20 },
      { kind: 'b', n: 9, different: 9 },
    ]);
    expect(first.reduce((sum, { n }) => sum + Number(n), 0)).toBe(30);
    const rest = await counts('shares_1');
    expect(rest.map(({ n }) => n).slice(0, 2)).toEqual([180, 81]);
    expect(rest.reduce((sum, { n }) => sum + Number(n), 0)).toBe(270);
    const again = await chain(
      'points',
      kinds,
      draw('again', same, 10, 90),
      operator('picked', 'SampleSelector', { selectedTable: 'default.again_0' }),
    );
    expect(again.shown.errorMessages[0]).toContain(' 30 rows');
    expect(
      await query(server.dataUrl, 'TABLE "default".shares_0 EXCEPT TABLE "default".again_0'),
    ).toEqual([]);
    await chain('points', kinds, draw('rows', { sampleSizeType: 'ROW' }, 60));
    expect((await counts('rows_0')).map(({ n }) => n).slice(0, 2)).toEqual([40, 18]);
    await chain('points', kinds, draw('more', { replacement: 'true', sampleSizeType: 'ROW' }, 600));
    const repeated = await counts('more_0');
    expect(repeated.map(({ n }) => n)).toEqual([400, 180, 18, 2]);
    expect(repeated[0]!['different']).toBeLessThan(200);
    const none = operator(
      'none',
      'Filter',
      {},
      element('RowFilterConditionModel', { sqlType: 'sql', conditionValue: 'false' }),
    );
    await chain('points', kinds, none, draw('empty', { replacement: 'true' }, 50));
    expect(await counts('empty_0')).toEqual([]);
  });

  it('run SQL in one transaction, names replaced outside literals only', async () => {
    const { shown } = await chain(
      'golfnew',
      operator('script', 'SqlExecute', {
        sql: `-- alpine_sql_output; comment
          CREATE TEMP TABLE helper ON COMMIT DROP AS SELECT 'alpine_sql_input_1; x' AS t;
          CREATE TABLE alpine_sql_output AS SELECT count(*)::int AS n, (SELECT t FROM helper) AS t FROM ALPINE_SQL_INPUT_1;`,
      }),
    );
    expect(shown.items).toEqual([{ n: '14', t: 'alpine_sql_input_1; x' }]);
    const failed = await run(
      [
        tableSource('golfnew'),
        operator('script', 'SqlExecute', {
          sql: 'CREATE TABLE alpine_sql_output AS SELECT 1 AS n; SELECT 1/0',
        }),
      ],
      [['golfnew', 'script']],
    );
    expect(failed.run).toMatchObject({
      status: 'failed',
      error: { sqlstate: '22012', operator: 'script' },
    });
    expect(await rows('script')).toEqual([{ n: 14, t: 'alpine_sql_input_1; x' }]);
    expect(failed.document.flowMetaInfo).toMatchObject({ status: 'FAILED', noOfError: 1 });
    expect(failed.document.logs).toContainEqual(
      expect.objectContaining({
        message: 'process_error',
        nodeName: 'script',
        errMessage: 'division by zero (SQLSTATE 22012)',
      }),
    );
  });

  it('count the rows that SQL selects, and keep none of them', async () => {
    const MiB = 2 ** 20;
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }, 20);
    try {
      const { shown } = await chain(
        'exam',
        operator('much', 'SqlExecute', {
          sql: `SELECT repeat('x', ${MiB}) FROM generate_series(1, 600); SELECT 1`,
          passOutput: 'No',
        }),
      );
      expect(shown.items.map(({ rows: n }: any) => n)).toEqual(['600', '1']);
    } finally {
      clearInterval(watching);
    }
    expect(most / MiB).toBeLessThan(300);
  });

  it('copy: append, skip, and refuse', async () => {
    const copy = (ifDataExists: string) =>
      operator('copy', 'CopyToDB', {
        schemaName: 'default',
        copyToTableName: 'copied',
        ifDataExists,
      });
    for (const [mode, count] of [
      ['Drop', 14],
      ['Append', 28],
      ['Skip', 28],
      ['Drop', 14],
    ] as const) {
      await chain('golfnew', copy(mode));
      expect(await rows('copied')).toHaveLength(count);
    }
    const { run: refused } = await run(
      [tableSource('golfnew'), copy('Error')],
      [['golfnew', 'copy']],
    );
    expect(refused.error.message).toBe('"default"."copied" exists (ifDataExists)');
  });

  it('describe columns', async () => {
    const { shown } = await chain(
      'golfnew',
      operator('summary', 'SummaryStatistics', { columnNames: 'humidity,outlook', topN: '2' }),
    );
    expect(shown.items[0]).toMatchObject({
      columnName: 'humidity',
      dataType: expect.any(String),
      count: '14',
      nullCount: '0',
      min: '65',
      max: '96',
      topValues: expect.stringMatching(/^\d+ \(3\)|^\d+ \(\d\)/),
    });
    expect(shown.items[1]).toMatchObject({
      columnName: 'outlook',
      uniqueValueCount: '3',
      median: '',
      topValues: 'rain (5), sunny (5)',
    });
    const [expected] = await query<any>(
      server.dataUrl,
      `SELECT avg(humidity)::float8 AS average, stddev_samp(humidity)::float8 AS deviation, percentile_cont(0.5) WITHIN GROUP (ORDER BY humidity) AS median FROM demo.golfnew`,
    );
    expect(Number(shown.items[0].average)).toBeCloseTo(expected.average, 4);
    expect(Number(shown.items[0].deviation)).toBeCloseTo(expected.deviation, 4);
    expect(Number(shown.items[0].median)).toBeCloseTo(expected.median, 4);
    const odd = await chain(
      'odd',
      operator('odd summary', 'ValueAnalysis', { groupByColumns: 'flag' }),
    );
    expect(odd.shown.items.length).toBe(15);
    const dated = await chain(
      'kinds',
      operator('dated', 'ValueAnalysis', { columnNames: 'when,flag,kind' }),
    );
    expect(dated.shown.items).toMatchObject([
      {
        min: '2026-01-02T03:04:05',
        max: '2026-01-04T00:00:00',
        topValues: expect.stringMatching(/^2026-01-02T03:04:05 \(1\), /),
      },
      { min: '', max: '' },
      { min: '00000000-0000-0000-0000-000000000001', max: '00000000-0000-0000-0000-000000000004' },
    ]);
  });

  it('count long values that begin alike apart', async () => {
    await query(
      server.dataUrl,
      `CREATE TABLE demo.long AS SELECT repeat('x', 100) || i % 3 AS t FROM generate_series(0, 6) i;
       GRANT SELECT ON demo.long TO fermata_demo`,
    );
    const { shown } = await chain(
      'long',
      operator('summary', 'SummaryStatistics', { columnNames: 't', topN: '2' }),
    );
    const start = 'x'.repeat(100);
    expect(shown.items[0].topValues).toBe(`${start} (3), ${start} (2)`);
  });

  it('explore', async () => {
    const explore = (type: string, parameters: Record<string, string>, table = 'golfnew') =>
      chain(table, operator(type, type, parameters)).then(({ shown }) => shown);
    expect((await explore('Frequency', { columnNames: 'outlook' })).items).toEqual([
      { value: 'rain', count: '5', percentage: '0.3571' },
      { value: 'sunny', count: '5', percentage: '0.3571' },
      { value: 'overcast', count: '4', percentage: '0.2857' },
    ]);
    const histogram = (await explore('Histogram', { columnNames: 'id', bins: '3' }, 'points'))
      .items;
    expect(histogram.map(({ count, cumulative }: any) => [count, cumulative])).toEqual([
      ['100', '100'],
      ['100', '200'],
      ['100', '300'],
    ]);
    const correlation = (await explore('Correlation', { columnNames: 'x1,x2' }, 'longley')).items;
    expect(correlation).toEqual([
      { column: 'x1', x1: '1', x2: '0.9916' },
      { column: 'x2', x1: '0.9916', x2: '1' },
    ]);
    const bars = (
      await explore('BarChart', {
        valueColumn: 'temperature',
        categoryColumn: 'outlook',
        seriesColumn: 'wind',
        aggregateFunction: 'count',
      })
    ).items;
    expect(bars).toHaveLength(6);
    expect((await explore('BoxPlot', { valueColumn: 'humidity' })).items[0]).toMatchObject({
      count: '14',
      min: '65',
      max: '96',
    });
    expect(
      (await explore('ScatterPlot', { xColumn: 'x', yColumn: 'y' }, 'points')).items,
    ).toHaveLength(300);
    const line = (await explore('LineChart', { xColumn: 'id', yColumns: 'x,y' }, 'points')).items;
    expect(line.map(({ id }: any) => Number(id))).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  });

  it('fit Longley’s data to the certified values of NIST', async () => {
    const { output } = await chain(
      'longley',
      operator('linear', 'LinearRegression', {
        dependentColumn: 'y',
        columnNames: 'x1,x2,x3,x4,x5,x6',
      }),
    );
    const shown = output('linear').visualData;
    const [step] = await query<any>(
      server.url,
      `SELECT delivery FROM run_steps WHERE operator_name = 'linear' ORDER BY id DESC LIMIT 1`,
    );
    const [part1] = step.delivery.model.parts;
    const certified = [
      -3482258.63459582, 15.0618722713733, -0.35819179292591e-1, -2.02022980381683,
      -1.03322686717359, -0.511041056535807e-1, 1829.15146461355,
    ];
    part1.coefficients.forEach((value: number, i: number) => {
      expect(Math.abs(value / certified[i]! - 1)).toBeLessThan(1e-7);
    });
    const errors = [
      890420.383607373, 84.9149257747669, 0.334910077722432e-1, 0.488399681651699,
      0.214274163161675, 0.22607320006937, 455.478499142212,
    ];
    part(shown, 'Data').items.forEach((item: any, i: number) => {
      expect(Math.abs(Number(item['Standard Error']) / errors[i]! - 1)).toBeLessThan(1e-3);
    });
    expect(figures(part(shown, 'Summary'))).toMatchObject({
      R2: '0.9955',
      'Standard error': '304.8541',
      'Degrees of freedom': '9',
      'Rows used': '16',
    });
  });

  it('fit a logistic curve to published values, score with it, and judge the scores', async () => {
    const { run: ended, output } = await run(
      [
        tableSource('exam'),
        operator('logit', 'LogisticRegression', {
          dependentColumn: 'passed',
          goodValue: 't',
          columnNames: 'hours',
          max_generations: '20',
          epsilon: '0.00000001',
        }),
        operator('scored', 'DatabaseClassifier', {}),
        operator('predicted', 'DatabasePredictor', {}),
        operator('matrix', 'ConfusionMatrix', { dependentColumn: 'passed', useModel: 'true' }),
        operator('roc', 'ROC', { dependentColumn: 'passed', columnValue: 't' }),
        operator('lift', 'LIFT', { dependentColumn: 'passed', columnValue: 't' }),
        operator('fit', 'GoodnessOfFit', { dependentColumn: 'passed' }),
      ],
      [
        ['exam', 'logit'],
        ...['scored', 'predicted', 'matrix', 'roc', 'lift', 'fit'].flatMap((to): Link[] => [
          ['exam', to],
          ['logit', to],
        ]),
      ],
    );
    expect(ended).toMatchObject({ status: 'succeeded', error: null });
    // Wikipedia: intercept −4.0777 (1.7610), hours 1.5046 (0.6287), p 0.0206 and 0.0167.
    const [intercept, hours] = part(output('logit').visualData, 'Data').items;
    expect(intercept).toMatchObject({
      Attribute: 'Intercept',
      Coefficient: '-4.0777',
      'Standard Error': '1.7610',
      'P-value': '0.0206',
    });
    expect(hours).toMatchObject({
      Attribute: 'hours',
      Coefficient: '1.5046',
      'Standard Error': '0.6287',
      'P-value': '0.0167',
    });
    const summary = figures(part(output('logit').visualData, 'Summary'));
    expect(Number(summary['Deviance'])).toBeCloseTo(2 * 8.02988, 4);
    expect(Number(summary['Null deviance'])).toBeCloseTo(2 * 13.8629, 3);
    const scored = await rows('scored', 'hours, passed');
    expect(scored[0]).toEqual({
      hours: 0.5,
      passed: false,
      PRED_LOR: 'false',
      CONF_LOR: expect.closeTo(0.9653, 4),
      INFO_LOR: expect.any(String),
    });
    const info = JSON.parse(String(scored[0]!['INFO_LOR']));
    expect(info['true']).toBeCloseTo(0.0347, 4);
    expect(await rows('predicted', 'hours, passed')).toEqual(scored);
    const matrix = output('matrix');
    expect(matrix.node_meta_info).toBeUndefined();
    expect(matrix.visualData[0]).toMatchObject({
      out_title: 'logit: Data',
      visualData: {
        columns: [' ', 'Predicted (false)', 'Predicted (true)', 'Class Recall'],
        items: [
          {
            ' ': 'Observed (false)',
            'Predicted (false)': '8',
            'Predicted (true)': '2',
            'Class Recall': '0.8000',
          },
          {
            ' ': 'Observed (true)',
            'Predicted (false)': '2',
            'Predicted (true)': '8',
            'Class Recall': '0.8000',
          },
          { ' ': 'Class Precision', 'Class Recall': 'Accuracy: 0.8000' },
        ],
      },
    });
    expect(matrix.visualData[1].visualData.heatMapTable).toMatchObject({
      YValues: ['false', 'true'],
      accuracy: 0.8,
      modelName: 'logit',
      rowsValue: [
        { data: ['8', '2'], sequence: 1 },
        { data: ['2', '8'], sequence: 2 },
      ],
      rowsIntensity: [{ data: ['0.80', '0.20'] }, {}],
    });
    // By hand: of the 100 pairs of a passed and a failed exam, 89 are in the right order and one is tied.
    expect(Number(figures(part(output('roc').visualData, 'logit: AUC'))['AUC'])).toBeCloseTo(
      auc(),
      4,
    );
    const curve = part(output('roc').visualData, 'logit: ROC Curve').items;
    expect(curve).toHaveLength(101);
    expect(curve[0]).toEqual({ threshold: '0', tpr: '1', fpr: '1' });
    expect(curve[50]).toEqual({ threshold: '0.5000', tpr: '0.8000', fpr: '0.2000' });
    const lift = output('lift').visualData.items;
    expect(lift[0]).toEqual({ group: '1', rows: '2', hits: '2', lift: '2', gain: '0.2000' });
    expect(lift[9]).toMatchObject({ lift: '1', gain: '1' });
    expect(output('fit').visualData.items[0]).toEqual({
      Class: 'false',
      Recall: '0.8000',
      Precision: '0.8000',
      F1: '0.8000',
      Error: '0.2000',
      Accuracy: '0.8000',
    });
  });

  it('leave rows with missing features in, and split models by a column', async () => {
    const { run: ended } = await run(
      [
        tableSource('longley'),
        operator(
          'halves',
          'Variable',
          { columnNames: 'y,x1' },
          `<DerivedFieldsModel>${element('DerivedFieldItem', { columnName: 'half', dataType: 'TEXT', expression: "case when \"x6\" < 1955 then 'early' else 'late' end" })}</DerivedFieldsModel>`,
        ),
        operator('split', 'LinearRegression', {
          dependentColumn: 'y',
          columnNames: 'x1',
          splitModelGroupByColumn: 'half',
        }),
        operator('with holes', 'SqlExecute', {
          sql: `CREATE TABLE alpine_sql_output AS SELECT * FROM alpine_sql_input_1 UNION ALL SELECT 1, NULL, 'late' UNION ALL SELECT 2, 3, 'never'`,
        }),
        operator('scored', 'DatabasePredictor', {}),
      ],
      [
        ['longley', 'halves'],
        ['halves', 'split'],
        ['halves', 'with holes'],
        ['with holes', 'scored'],
        ['split', 'scored'],
      ],
    );
    expect(ended.error).toBeNull();
    const [check] = await query(
      server.dataUrl,
      `SELECT count(*)::int AS n, count("PRED_LIR")::int AS scored, (SELECT count(*)::int FROM "default".scored s JOIN (SELECT half, regr_slope(y, x1) AS b, regr_intercept(y, x1) AS a FROM "default".halves GROUP BY half) r USING (half) WHERE abs(s."PRED_LIR" - (a + b * x1)) > 1e-6) AS wrong FROM "default".scored`,
    );
    expect(check).toEqual({ n: 18, scored: 16, wrong: 0 });
    const { run: logistic } = await run(
      [
        tableSource('exam'),
        operator('logit', 'LogisticRegression', {
          dependentColumn: 'passed',
          goodValue: 't',
          columnNames: 'hours',
        }),
        operator('some missing', 'SqlExecute', {
          sql: `CREATE TABLE alpine_sql_output AS SELECT * FROM alpine_sql_input_1 UNION ALL SELECT NULL, true`,
        }),
        operator('logit scored', 'DatabaseClassifier'),
        operator('matrix', 'ConfusionMatrix', { dependentColumn: 'passed' }),
      ],
      [
        ['exam', 'logit'],
        ['exam', 'some missing'],
        ['some missing', 'logit scored'],
        ['logit', 'logit scored'],
        ['some missing', 'matrix'],
        ['logit', 'matrix'],
      ],
    );
    expect(logistic.error).toBeNull();
    const [unknown] = await query(
      server.dataUrl,
      `SELECT count(*)::int AS n, count("PRED_LOR")::int AS p, count("CONF_LOR")::int AS c, count("INFO_LOR")::int AS i
       FROM "default"."logit scored"`,
    );
    expect(unknown).toEqual({ n: 21, p: 20, c: 20, i: 20 });
  });

  it('judge predictions that the data holds already', async () => {
    const judged = operator('judged', 'SqlExecute', {
      sql: `CREATE TABLE alpine_sql_output AS SELECT passed, hours >= 3 AS guess, hours / 6 AS score, hours AS actual, hours + CASE WHEN passed THEN 1 ELSE -1 END AS predicted FROM alpine_sql_input_1`,
    });
    const own = { dependentColumn: 'passed', useModel: 'false' };
    const { run: ended, output } = await run(
      [
        tableSource('exam'),
        judged,
        operator('matrix', 'ConfusionMatrix', { ...own, predictionColumn: 'guess' }),
        operator('roc', 'ROC', { ...own, columnValue: 't', confidenceColumn: 'score' }),
        operator('errors', 'RegressionEvaluator', {
          dependentColumn: 'actual',
          predictionColumn: 'predicted',
        }),
      ],
      [
        ['exam', 'judged'],
        ['judged', 'matrix'],
        ['judged', 'roc'],
        ['judged', 'errors'],
      ],
    );
    expect(ended.error).toBeNull();
    // Of ten failed exams two took three hours or more, of ten passed ones three took less.
    expect(output('matrix').visualData[1].visualData.heatMapTable.rowsValue).toEqual([
      { data: ['8', '2'], sequence: 1 },
      { data: ['3', '7'], sequence: 2 },
    ]);
    const area = figures(part(output('roc').visualData, 'score: AUC'));
    expect(Number(area['AUC'])).toBeCloseTo(auc(), 4);
    expect(figures(output('errors').visualData)).toMatchObject({
      MSE: '1',
      RMSE: '1',
      MAE: '1',
      'Rows used': '20',
    });
  });

  it('plot scores that are no probabilities, and refuse those that are no numbers', async () => {
    const own = { dependentColumn: 'passed', useModel: 'false', columnValue: 't' };
    const { run: ended, output } = await run(
      [
        tableSource('exam'),
        operator('odds', 'SqlExecute', {
          sql: `CREATE TABLE alpine_sql_output AS SELECT passed, passed::text AS guess, (hours - 2.7) * 9 AS odds FROM alpine_sql_input_1`,
        }),
        operator('roc', 'ROC', { ...own, confidenceColumn: 'odds' }),
        operator('lift', 'LIFT', { ...own, confidenceColumn: 'odds' }),
      ],
      [
        ['exam', 'odds'],
        ['odds', 'roc'],
        ['odds', 'lift'],
      ],
    );
    expect(ended.error).toBeNull();
    const curve = part(output('roc').visualData, 'odds: ROC Curve').items;
    expect(curve[0]).toEqual({ threshold: '0', tpr: '1', fpr: '1' });
    expect(Number(figures(part(output('roc').visualData, 'odds: AUC'))['AUC'])).toBeCloseTo(
      auc(),
      4,
    );
    const { run: refused } = await run(
      [tableSource('exam'), operator('roc', 'ROC', { ...own, confidenceColumn: 'passed' })],
      [['exam', 'roc']],
    );
    expect(refused.error.message).toMatch(/"passed" is boolean; needed: numeric/);
  });

  it('choose features step by step', async () => {
    const chosen = async (parameters: Record<string, string>) => {
      const { shown } = await chain(
        'longley',
        operator('chosen', 'LinearRegression', {
          dependentColumn: 'y',
          columnNames: 'x1,x2,x3,x4,x5,x6',
          isStepWise: 'true',
          ...parameters,
        }),
      );
      return part(shown, 'Data').items.map(({ Attribute }: any) => Attribute);
    };
    // As R's step() ends on these data.
    const best = ['Intercept', 'x2', 'x3', 'x4', 'x6'];
    expect(await chosen({ stepWiseType: 'BACKWARD', criterionType: 'AIC' })).toEqual(best);
    expect(await chosen({ stepWiseType: 'FORWARD', criterionType: 'SBC' })).toContain('x2');
    expect(await chosen({ stepWiseType: 'STEPWISE', checkValue: '0' })).toEqual(['Intercept']);
    const { shown } = await chain(
      'exam',
      operator('stepped', 'LogisticRegression', {
        dependentColumn: 'passed',
        goodValue: 'true',
        columnNames: 'hours',
        isStepWise: 'true',
        max_generations: '20',
      }),
    );
    expect(part(shown, 'Data').items).toHaveLength(2);
  });

  it('find the clusters that are there, and mark each row', async () => {
    const { run: ended, output } = await run(
      [
        tableSource('points'),
        operator('clusters', 'KMeans', { columnNames: 'x,y', k: '3' }),
        operator('marked', 'DatabasePredictor', {}),
      ],
      [
        ['points', 'clusters'],
        ['points', 'marked'],
        ['clusters', 'marked'],
      ],
    );
    expect(ended.error).toBeNull();
    const centers = part(output('clusters').visualData, 'Centers').items;
    expect(centers.map(({ count }: any) => count)).toEqual(['100', '100', '100']);
    const [check] = await query(
      server.dataUrl,
      `SELECT count(DISTINCT ("PRED_KM", id % 3))::int AS pairs, max("DIST_KM") < 10 AS near FROM "default".marked`,
    );
    expect(check).toEqual({ pairs: 3, near: true });
    const [stored] = await query(
      server.dataUrl,
      `SELECT count(DISTINCT ("cluster", id % 3))::int AS pairs FROM "default".clusters`,
    );
    expect(stored).toEqual({ pairs: 3 });
  });

  it.each([
    [
      'a class that is not there',
      'exam',
      operator('m', 'LogisticRegression', {
        dependentColumn: 'passed',
        goodValue: 'perhaps',
        columnNames: 'hours',
      }),
      /goodValue "perhaps" is none of the classes "false", "true"/,
    ],
    [
      'more than two classes',
      'golfnew',
      operator('m', 'LogisticRegression', {
        dependentColumn: 'outlook',
        goodValue: 'rain',
        columnNames: 'humidity',
      }),
      /exactly two classes/,
    ],
    [
      'too few rows',
      'nothing',
      operator('m', 'LinearRegression', { dependentColumn: 'a', columnNames: 'b' }),
      /0 rows are too few/,
    ],
    [
      'a column that is no number',
      'golfnew',
      operator('m', 'KMeans', { columnNames: 'outlook', k: '2' }),
      /"outlook" is .*; needed: numeric/,
    ],
    [
      'too few different rows',
      'golfnew',
      operator('m', 'KMeans', { columnNames: 'humidity', k: '50' }),
      /too few for 50 clusters/,
    ],
    [
      'numbers that are none',
      'infinite',
      operator('m', 'LinearRegression', { dependentColumn: 'y', columnNames: 'x' }),
      /the data holds NaN or infinite values/,
    ],
    [
      'numbers that are none',
      'infinite',
      operator('m', 'PCA', { columnNames: 'x,y' }),
      /the data holds NaN or infinite values/,
    ],
    ...['Infinity', 'NaN'].map(
      (value) =>
        [
          'numbers that are none',
          `with_${value}`,
          operator('m', 'LogisticRegression', {
            dependentColumn: 'good',
            goodValue: 't',
            columnNames: 'x,z',
          }),
          /the data holds NaN or infinite values/,
        ] as const,
    ),
    ...['Infinity', 'NaN'].map(
      (value) =>
        [
          'values that have no bin',
          `with_${value}`,
          operator('h', 'Histogram', { columnNames: 'z,x' }),
          /^the data holds NaN or infinite values/,
        ] as const,
    ),
    [
      'a table that is not there',
      'Nowhere',
      operator('m', 'Frequency', { columnNames: 'x' }),
      /^table "demo"."Nowhere" does not exist in the data source, or may not be read$/,
    ],
    [
      'a table that may not be read',
      'secret',
      operator('m', 'Frequency', { columnNames: 'x' }),
      /^"demo"."secret" may not be read: permission denied for table secret$/,
    ],
    [
      'a missing column',
      'golfnew',
      operator('m', 'Frequency', { columnNames: 'sunshine' }),
      /has no column "sunshine"/,
    ],
  ])('say what is wrong: %s', async (_title, table, one, message) => {
    const { run: ended } = await run([tableSource(table), one], [[table, one.name]]);
    expect(ended.status).toBe('failed');
    expect(ended.error.message).toMatch(message);
  });
});

/** Area under the curve of the exam data by its definition: pairs in the right order, ties half. */
function auc(): number {
  const passed = [1.75, 2.25, 2.75, 3.25, 4, 4.25, 4.5, 4.75, 5, 5.5];
  const failed = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5];
  const wins = passed.flatMap((a) => failed.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce<number>((sum, one) => sum + one, 0) / wins.length;
}
