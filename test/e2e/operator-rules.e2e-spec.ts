import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { element, type FlowOperator, operator, rowFilter, tableSource } from '../support/flows.js';
import { figures, type Link, OperatorRuns, part } from '../support/operator-runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const PREPARE = `
  CREATE TABLE demo.exam (hours float8, passed boolean);
  INSERT INTO demo.exam VALUES (0.5,false),(1,false),(1.75,false),(1.75,true),(2,false),(2.25,true),(3,false),(4,true),(5,true);
  CREATE TABLE demo.many AS SELECT i AS id, i % 3 AS three, 'v' || i AS value, 7 AS same, 0.1::float8 AS tenth FROM generate_series(1, 1200) i;
  CREATE TABLE demo.broad AS SELECT i AS id, ${Array.from({ length: 30 }, (_, i) => `${i} AS c${i}`).join(', ')} FROM generate_series(1, 900) i;
  CREATE TABLE demo.figures (count int, min int);
  INSERT INTO demo.figures VALUES (5, 1), (5, 2), (6, 9);
  CREATE TABLE demo.passed AS SELECT hours, true AS passed FROM demo.exam;
  CREATE TABLE demo.none AS SELECT * FROM demo.exam WHERE false;
`;
const sizes = (...values: number[]) =>
  `<SampleSizeModel><sampleSizes>${values.map((value) => `<sampleSize>${value}</sampleSize>`).join('')}</sampleSizes></SampleSizeModel>`;
const SAMPLES = operator('samples', 'RandomSampling', { sampleCount: '1' }, sizes(50));
const LOGIT = operator('logit', 'LogisticRegression', {
  dependentColumn: 'passed',
  goodValue: 't',
  columnNames: 'hours',
});
const LINE = operator('line', 'LinearRegression', {
  dependentColumn: 'hours',
  columnNames: 'passed',
});
const chained = (...names: string[]): Link[] => names.slice(1).map((name, i) => [names[i]!, name]);

/** What fails a run, before or while it runs, and what it says (operators.md 0 to 2). */
const REFUSED: readonly (readonly [string, readonly FlowOperator[], readonly Link[], RegExp])[] = [
  [
    'samples in place of a data set',
    [tableSource('exam'), SAMPLES, rowFilter('f', 'true')],
    chained('exam', 'samples', 'f'),
    /f: Row Filter takes no sampling operator as input and has 1: "samples"/,
  ],
  [
    'a model in place of a data set',
    [tableSource('exam'), LOGIT, rowFilter('f', 'true')],
    chained('exam', 'logit', 'f'),
    /f: Row Filter takes no model as input and has 1: "logit"/,
  ],
  [
    'a data set in place of samples',
    [tableSource('exam'), operator('s', 'SampleSelector', { selectedTable: 'a.b_0' })],
    chained('exam', 's'),
    /s: Sample Selector takes no data set as input/,
  ],
  [
    'a sample that there is not',
    [
      tableSource('exam'),
      SAMPLES,
      operator('s', 'SampleSelector', { selectedTable: 'default.samples_1' }),
    ],
    chained('exam', 'samples', 's'),
    /^sample "default.samples_1" is none of default.samples_0$/,
  ],
  [
    'a scorer without a model',
    [tableSource('exam'), operator('p', 'DatabasePredictor')],
    chained('exam', 'p'),
    /Predictor takes 1 to 16 models as input and has 0/,
  ],
  [
    'a scorer without data',
    [tableSource('exam'), LOGIT, operator('c', 'DatabaseClassifier')],
    chained('exam', 'logit', 'c'),
    /Classifier takes exactly 1 data set as input and has 0/,
  ],
  [
    'a regression in the classifier',
    [tableSource('exam'), LINE, operator('c', 'DatabaseClassifier')],
    [...chained('exam', 'line', 'c'), ['exam', 'c']],
    /^it takes logistic or naive Bayes or decision tree models, and "line" is linear$/,
  ],
  [
    'data without the features',
    [tableSource('exam'), tableSource('golfnew'), LOGIT, operator('c', 'DatabaseClassifier')],
    [...chained('exam', 'logit', 'c'), ['golfnew', 'c']],
    /^"demo"."golfnew" has no column "hours"; it has /,
  ],
  [
    'a name that predictions would take twice',
    [
      tableSource('exam'),
      LOGIT,
      operator('c', 'DatabaseClassifier'),
      operator('c2', 'DatabaseClassifier'),
    ],
    [...chained('exam', 'logit', 'c', 'c2'), ['exam', 'c'], ['logit', 'c2']],
    /^the input has a column "PRED_LOR" already$/,
  ],
  [
    'an evaluator without a model',
    [tableSource('exam'), operator('m', 'ConfusionMatrix', { dependentColumn: 'passed' })],
    chained('exam', 'm'),
    /^it needs a classification model, and none is linked to it$/,
  ],
  [
    'nothing to compare',
    [
      tableSource('exam'),
      tableSource('none'),
      LOGIT,
      operator('m', 'ConfusionMatrix', { dependentColumn: 'passed' }),
    ],
    [...chained('exam', 'logit', 'm'), ['none', 'm']],
    /^no row has both an observed and a predicted class$/,
  ],
  [
    'a class that the model does not know',
    [
      tableSource('exam'),
      LOGIT,
      operator('r', 'ROC', { dependentColumn: 'passed', columnValue: 'perhaps' }),
    ],
    [...chained('exam', 'logit', 'r'), ['exam', 'r']],
    /^columnValue "perhaps" is none of the classes "true", "false" of "logit"$/,
  ],
  [
    'disjoint samples of more than all rows',
    [
      tableSource('exam'),
      operator('s', 'RandomSampling', { sampleCount: '2', disjoint: 'true' }, sizes(60, 41)),
    ],
    chained('exam', 's'),
    /disjoint samples cannot have more than 100 percent together/,
  ],
  [
    'disjoint samples of more rows than there are',
    [
      tableSource('exam'),
      operator(
        's',
        'RandomSampling',
        { sampleCount: '2', disjoint: 'true', sampleSizeType: 'ROW' },
        sizes(5, 5),
      ),
    ],
    chained('exam', 's'),
    /^disjoint samples of 10 rows need more than the 9 there are$/,
  ],
  [
    'disjoint samples whose rows repeat',
    [
      tableSource('exam'),
      operator('s', 'RandomSampling', { disjoint: 'true', replacement: 'true' }, sizes(5)),
    ],
    chained('exam', 's'),
    /samples cannot be disjoint when rows may repeat/,
  ],
  [
    'rows of different widths',
    [tableSource('exam'), tableSource('golfnew'), operator('u', 'Union', { setType: 'UNION' })],
    [
      ['exam', 'u'],
      ['golfnew', 'u'],
    ],
    /^the inputs differ in columns: "demo"."exam" has 2, "demo"."golfnew" has 5$/,
  ],
  [
    'a comparison of text with a number',
    [
      tableSource('golfnew'),
      operator(
        'f',
        'Filter',
        {},
        element(
          'RowFilterConditionModel',
          { useAll: 'true' },
          element('RowFilterConditionItem', {
            columnName: 'outlook',
            condition: '>',
            firstValue: '5',
          }),
        ),
      ),
    ],
    chained('golfnew', 'f'),
    /operator does not exist: text > integer/,
  ],
  [
    'a pivot of too many values',
    [
      tableSource('many'),
      operator('p', 'Pivot', {
        pivotColumn: 'value',
        groupByColumn: 'three',
        aggregateColumn: 'id',
        aggregateFunction: 'sum',
      }),
    ],
    chained('many', 'p'),
    /^"value" has more than 1000 values$/,
  ],
  [
    'a category of too many values',
    [
      tableSource('many'),
      operator('m', 'LinearRegression', { dependentColumn: 'id', columnNames: 'value' }),
    ],
    chained('many', 'm'),
    /^"value" has more than 100 values$/,
  ],
  ...['ConfusionMatrix', 'GoodnessOfFit'].map(
    (type) =>
      [
        `classes that are values: ${type}`,
        [
          tableSource('many'),
          operator('m', type, {
            dependentColumn: 'three',
            useModel: 'false',
            predictionColumn: 'value',
          }),
        ],
        chained('many', 'm'),
        /^"value" has more than 100 classes, observed and predicted ones together$/,
      ] as const,
  ),
  [
    'groups that are values',
    [
      tableSource('many'),
      operator('s', 'SummaryStatistics', { columnNames: 'id', groupByColumns: 'value,three' }),
    ],
    chained('many', 's'),
    /^more than 1000 groups by "value", "three"$/,
  ],
  [
    'more lines than can be shown',
    [
      tableSource('broad'),
      operator('s', 'SummaryStatistics', { groupByColumns: 'id', doDistinct: 'No' }),
    ],
    chained('broad', 's'),
    /^900 groups by "id" have more than 20000 lines for 30 columns$/,
  ],
  [
    'SQL that was to make a table and did not',
    [tableSource('exam'), operator('s', 'SqlExecute', { sql: 'SELECT 1', passOutput: 'Yes' })],
    chained('exam', 's'),
    /^its SQL did not create alpine_sql_output$/,
  ],
  [
    'clusters by another distance',
    [
      tableSource('many'),
      operator('k', 'KMeans', { columnNames: 'id', k: '2', distance: 'Cosine' }),
    ],
    chained('many', 'k'),
    /"distance" must be one of Euclidean, not "Cosine"/,
  ],
  [
    'clusters of equal rows',
    [tableSource('many'), operator('k', 'KMeans', { columnNames: 'same', k: '2' })],
    chained('many', 'k'),
    /^fewer than 2 different rows: 1 clusters at most$/,
  ],
];

describe('rules of the operator catalogue', () => {
  let server: TestServer;
  let app: TestApp;
  let runs: OperatorRuns;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    await query(server.dataUrl, 'GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo');
    app = await startTestApp(server.config());
    runs = new OperatorRuns(server, await app.as('owner'));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each(REFUSED)('refuse %s', async (_title, operators, links, message) => {
    const { run, document } = await runs.run(operators, links);
    expect(run.status).toBe('failed');
    expect(run.error.message).toMatch(message);
    expect(document.flowMetaInfo).toMatchObject({ status: 'FAILED', noOfError: 1 });
    expect(document.logs).toContainEqual(expect.objectContaining({ message: 'process_error' }));
  });

  const warnings = (document: any) =>
    document.logs
      .filter(({ message }: any) => message === 'bad_data')
      .map(({ logmessage }: any) => logmessage);

  it('give no area where the rows are of one class, and no lift where none is of it', async () => {
    const { run, output, document } = await runs.run(
      [
        tableSource('exam'),
        tableSource('passed'),
        LOGIT,
        operator('roc', 'ROC', { dependentColumn: 'passed', columnValue: 't' }),
        operator('lift', 'LIFT', { dependentColumn: 'passed', columnValue: 'f' }),
      ],
      [
        ['exam', 'logit'],
        ...['roc', 'lift'].flatMap((to): Link[] => [
          ['passed', to],
          ['logit', to],
        ]),
      ],
    );
    expect(run.error).toBeNull();
    expect(figures(part(output('roc').visualData, 'logit: AUC'))).toEqual({ AUC: '' });
    expect(output('lift').visualData.items).toEqual([]);
    expect(warnings(document)).toEqual(
      expect.arrayContaining([
        'logit: the rows are all of one class',
        'logit: no row is of the class "f"',
      ]),
    );
  });

  it('explain a constant by nothing, and drop what is constant', async () => {
    const { document, shown } = await runs.chain(
      'many',
      operator('flat', 'LinearRegression', { dependentColumn: 'same', columnNames: 'id,three' }),
    );
    expect(figures(part(shown, 'Summary'))).toMatchObject({ R2: '', 'Adjusted R2': '' });
    expect(warnings(document)).toEqual([]);
    const undefinedOnes = { 'Standard Error': '0', 'T-value': '', 'P-value': '' };
    const expected = ['id', 'three'].map((Attribute) => ({
      Attribute,
      Coefficient: '0',
      ...undefinedOnes,
    }));
    expect(part(shown, 'Data').items.slice(1)).toEqual(expected);
    const dropped = await runs.chain(
      'many',
      operator('line', 'LinearRegression', { dependentColumn: 'id', columnNames: 'three,same' }),
    );
    expect(warnings(dropped.document)).toEqual([
      'dropped as constant or a combination of others: same',
    ]);
  });

  it.each([
    ['FORWARD', ''],
    ['BACKWARD', ''],
    ['STEPWISE', ''],
    ['FORWARD', 'AIC'],
    ['BACKWARD', 'SBC'],
  ])('choose nothing to explain a constant: %s %s', async (stepWiseType, criterionType) => {
    // The average of a thousand tenths is not quite a tenth.
    for (const dependentColumn of ['same', 'tenth']) {
      const { shown } = await runs.chain(
        'many',
        operator('flat', 'LinearRegression', {
          dependentColumn,
          columnNames: 'id,three',
          isStepWise: 'true',
          stepWiseType,
          criterionType,
        }),
      );
      const names = part(shown, 'Data').items.map(({ Attribute }: any) => Attribute);
      expect(names).toEqual(['Intercept']);
      expect(figures(part(shown, 'Summary'))).toMatchObject({ R2: '', 'Adjusted R2': '' });
    }
  });

  it('show columns that are called like figures beside those', async () => {
    const show = async (type: string, parameters: Record<string, string>) =>
      (await runs.chain('figures', operator(type, type, parameters))).shown;
    const summary = await show('SummaryStatistics', {
      columnNames: 'min',
      groupByColumns: 'count',
    });
    expect(summary.items).toMatchObject([
      { count_1: '5', count: '2', min: '1', max: '2' },
      { count_1: '6', count: '1', min: '9', max: '9' },
    ]);
    const boxes = await show('BoxPlot', { valueColumn: 'min', categoryColumn: 'count' });
    expect(boxes.items).toMatchObject([
      { count_1: '5', count: '2', min: '1' },
      { count_1: '6', count: '1', min: '9' },
    ]);
    const clusters = await show('KMeans', { columnNames: 'count', k: '2' });
    const centers = part(clusters, 'Centers').items.map(({ count, count_1 }: any) => [
      count,
      count_1,
    ]);
    expect(centers.sort()).toEqual([
      ['1', '6'],
      ['2', '5'],
    ]);
  });

  it('show at most so many values, bins and points', async () => {
    const show = async (type: string, parameters: Record<string, string>) =>
      (await runs.chain('many', operator(type, type, parameters))).shown.items;
    expect(await show('Frequency', { columnNames: 'value' })).toHaveLength(1000);
    expect(await show('ScatterPlot', { xColumn: 'id', yColumn: 'three' })).toHaveLength(1000);
    expect(await show('Histogram', { columnNames: 'same' })).toEqual([
      { bin: '1', begin: '7', end: '7', count: '1200', percentage: '1', cumulative: '1200' },
    ]);
    const { shown, output } = await runs.chain(
      'many',
      operator('all', 'Filter', {}, '<RowFilterConditionModel/>'),
    );
    expect(shown.items).toHaveLength(25);
    expect(shown.errorMessages).toEqual([
      'Operation created output with 5 columns and 1,200 rows. Visualization of rows limited to 25.',
    ]);
    expect(output('many').visualData.items).toHaveLength(25);
  });

  it('run an operator after one that hands nothing on', async () => {
    const { run } = await runs.run(
      [
        tableSource('exam'),
        operator('look', 'Frequency', { columnNames: 'passed' }),
        operator('then', 'SqlExecute', { sql: 'SELECT pg_sleep(0)', passOutput: 'No' }),
      ],
      chained('exam', 'look', 'then'),
    );
    expect(run.error).toBeNull();
    expect(run.steps.map(({ name, status }: any) => [name, status])).toEqual([
      ['exam', 'finished'],
      ['look', 'finished'],
      ['then', 'finished'],
    ]);
  });
});
