import { describe, it } from '@jest/globals';
import {
  type Case,
  element,
  golden,
  relation,
  sentSql,
} from '../../../test/support/operator-cases.js';
import type { Relation } from '../flow-plan.js';
import { AGGREGATION } from './aggregation.js';
import { BAR_CHART } from './bar-chart.js';
import { BOX_PLOT } from './box-plot.js';
import { CONFUSION_MATRIX } from './confusion-matrix.js';
import { COPY_TO_DATABASE } from './copy-to-database.js';
import { CORRELATION } from './correlation.js';
import { CART, DECISION_TREE } from './decision-tree.js';
import { EXPORT } from './export.js';
import { FREQUENCY } from './frequency.js';
import { GOODNESS_OF_FIT } from './goodness-of-fit.js';
import { HISTOGRAM } from './histogram.js';
import { LIFT } from './lift.js';
import type {
  BayesModel,
  ClusterModel,
  LinearModel,
  LogisticModel,
  TreeModel,
} from './models/model.js';
import type { OperatorKind } from './operator.js';
import { NAIVE_BAYES } from './naive-bayes.js';
import { PCA } from './pca.js';
import { PIVOT } from './pivot.js';
import { CLASSIFIER, PREDICTOR } from './predictor.js';
import type { Row } from './procedure.js';
import { STRATIFIED_SAMPLING } from './random-sampling.js';
import { REGRESSION_EVALUATOR } from './regression-evaluator.js';
import { ROC } from './roc.js';
import { LINE_CHART, SCATTER_PLOT } from './scatter-plot.js';
import { SUMMARY_STATISTICS } from './summary-statistics.js';

const DAYS = relation('demo', 'days', {
  day: 'date',
  'the "sky"': 'text',
  humidity: 'integer',
  temperature: 'numeric(5,2)',
  play: 'boolean',
});

const given = (parameters: Record<string, string>, rest: Partial<Case> = {}): Case => ({
  parameters,
  inputs: [DAYS],
  ...rest,
});

const LOGISTIC: LogisticModel = {
  kind: 'logistic',
  name: 'logit',
  dependent: 'play',
  good: 'true',
  other: 'false',
  parts: [
    {
      when: null,
      features: [
        { name: 'humidity', column: 'humidity', category: null },
        { name: 'the "sky"_rain', column: 'the "sky"', category: 'rain' },
      ],
      coefficients: [1.5, -0.02, 0.25],
    },
  ],
};
const SPLIT: LinearModel = {
  kind: 'linear',
  name: 'line',
  dependent: 'temperature',
  parts: ["it's", 'sunny'].map((value, i) => ({
    when: { column: 'the "sky"', value },
    features: [{ name: 'humidity', column: 'humidity', category: null }],
    coefficients: [i, 0.5],
  })),
};
const BAYES: BayesModel = {
  kind: 'bayes',
  name: 'bayes',
  dependent: 'play',
  classes: [
    { label: "it's", prior: 0.25 },
    { label: 'no', prior: 0.75 },
  ],
  numeric: [{ column: 'humidity', means: [70, 80.5], variances: [4, 0.5] }],
  categorical: [
    {
      column: 'the "sky"',
      values: ['rain', 'x"y'],
      shares: [
        [0.5, 0.25],
        [0.25, 0.5],
      ],
      others: [0.125, 0.0625],
    },
  ],
};
const TREE: TreeModel = {
  kind: 'tree',
  name: 'tree',
  dependent: 'play',
  classes: ["it's", 'no'],
  root: {
    counts: [4, 5],
    split: {
      column: 'the "sky"',
      branches: [
        { values: ["it's", '日本'], node: { counts: [3, 0], split: null } },
        {
          values: ['rain'],
          node: {
            counts: [1, 4],
            split: {
              column: 'temperature',
              at: 20.5,
              below: { counts: [1, 1], split: null },
              above: { counts: [0, 3], split: null },
            },
          },
        },
      ],
    },
  },
};
const CLUSTERS: ClusterModel = {
  kind: 'kmeans',
  name: 'clusters',
  columns: ['humidity', 'temperature'],
  weights: [1, 0.25],
  centers: [
    [70, 20],
    [90, 10],
  ],
};

/** What each sends with these answers is in `test/golden/operators/<name>.sql`. */
const CASES: Readonly<Record<string, readonly [OperatorKind, Case, Row[][]?, Relation[]?]>> = {
  aggregation: [
    AGGREGATION,
    given(
      { groupByColumns: 'the "sky"' },
      {
        models: [
          element('AggregateFieldItem', { function: 'count', alias: 'n' }),
          element('AggregateFieldItem', { columnName: 'humidity', function: 'count distinct' }),
          element('AggregateFieldItem', { columnName: 'temperature', function: 'avg' }),
          element('WindowFieldItem', {
            function: 'rank()',
            over: 'ORDER BY count(*)',
            alias: 'r',
          }),
        ],
      },
    ),
    [[{ nulls: ['0', '3'] }]],
  ],
  'aggregation-view': [
    AGGREGATION,
    given(
      { outputType: 'VIEW' },
      { models: [element('AggregateFieldItem', { columnName: 'humidity', function: 'max' })] },
    ),
  ],
  'aggregation-not-null': [
    AGGREGATION,
    given(
      {},
      {
        models: [element('AggregateFieldItem', { columnName: 'n', function: 'sum' })],
        inputs: [{ ...DAYS, columns: [{ name: 'n', type: 'integer', notNull: true }] }],
      },
    ),
  ],
  'stratified-sampling': [
    STRATIFIED_SAMPLING,
    given(
      {
        samplingColumn: 'the "sky"',
        sampleCount: '2',
        sampleSizeType: 'ROW',
        disjoint: 'true',
        consistent: 'true',
        keyColumnList: 'day',
      },
      { models: [element('SampleSizeModel', { sampleSizes: '3,4' })] },
    ),
    [[{ n: '14' }]],
  ],
  'stratified-sampling-replacement': [
    STRATIFIED_SAMPLING,
    given(
      { samplingColumn: 'the "sky"', replacement: 'true', randomSeed: '0.5' },
      { models: [element('SampleSizeModel', { sampleSizes: '50' })] },
    ),
    [[{ n: '14' }]],
  ],
  frequency: [FREQUENCY, given({ columnNames: 'the "sky",play' })],
  histogram: [HISTOGRAM, given({ columnNames: 'humidity', bins: '4' })],
  correlation: [CORRELATION, given({ columnNames: 'humidity,temperature' })],
  covariance: [CORRELATION, given({ columnNames: 'humidity,temperature', method: 'covariance' })],
  'bar-chart': [
    BAR_CHART,
    given({
      valueColumn: 'humidity',
      categoryColumn: 'the "sky"',
      seriesColumn: 'play',
      aggregateFunction: 'average',
    }),
  ],
  'box-plot': [BOX_PLOT, given({ valueColumn: 'temperature', categoryColumn: 'the "sky"' })],
  'box-plot-all': [BOX_PLOT, given({ valueColumn: 'temperature' })],
  'scatter-plot': [
    SCATTER_PLOT,
    given({ xColumn: 'humidity', yColumn: 'temperature', seriesColumn: 'play' }),
  ],
  'line-chart': [LINE_CHART, given({ xColumn: 'day', yColumns: 'humidity,temperature' })],
  'summary-statistics': [
    SUMMARY_STATISTICS,
    given({ columnNames: 'humidity,the "sky",play', topN: '3' }),
  ],
  'summary-statistics-groups': [
    SUMMARY_STATISTICS,
    given({ columnNames: 'temperature', groupByColumns: 'the "sky"', doDistinct: 'No' }),
  ],
  'pivot-without-groups': [
    PIVOT,
    given({ pivotColumn: 'the "sky"', aggregateFunction: 'count' }),
    [[{ value: 'rain' }]],
  ],
  predictor: [PREDICTOR, given({}, { trained: [LOGISTIC, SPLIT, CLUSTERS] })],
  classifier: [CLASSIFIER, given({}, { trained: [LOGISTIC, { ...LOGISTIC, name: 'again' }] })],
  'naive-bayes': [
    NAIVE_BAYES,
    given({ dependentColumn: 'play', columnNames: 'humidity,the "sky",temperature' }),
    [
      [
        { label: 'false', n: '4', total: '12' },
        { label: 'true', n: '5', total: '12' },
      ],
      [{ value: "it's" }, { value: 'rain' }],
      [
        { label: 'false', means: [70, 20], variances: [4, 1] },
        { label: 'true', means: [80, 21], variances: [4, 1] },
        { label: null, means: [75, 20.5], variances: [40, 2] },
      ],
      [{ label: 'true', value: 'rain', n: '3' }],
    ],
  ],
  'naive-bayes-scores': [CLASSIFIER, given({}, { trained: [BAYES] })],
  'naive-bayes-roc': [
    ROC,
    given({ dependentColumn: 'the "sky"', columnValue: 'no' }, { trained: [BAYES] }),
  ],
  ...Object.fromEntries(
    Object.entries({ 'decision-tree': DECISION_TREE, cart: CART }).map(([name, kind]) => [
      name,
      [
        kind,
        given({
          dependentColumn: 'play',
          columnNames: 'humidity,the "sky"',
          minimal_leaf_size: '1',
          maximal_depth: '2',
        }),
        [
          [
            { label: 'false', n: '4', total: '9' },
            { label: 'true', n: '5', total: '9' },
          ],
          [{ value: "it's" }, { value: 'rain' }, { value: 'sun' }],
          [{ b0: [65, 70, 70, 90], m0: 90 }],
          [
            { node: 0, f: 0, v: 0, y: 0, n: '2' },
            { node: 0, f: 0, v: 1, y: 1, n: '3' },
            { node: 0, f: 0, v: 2, y: 0, n: '2' },
            { node: 0, f: 0, v: 2, y: 1, n: '2' },
            { node: 0, f: 1, v: 0, y: 0, n: '3' },
            { node: 0, f: 1, v: 1, y: 0, n: '1' },
            { node: 0, f: 1, v: 1, y: 1, n: '4' },
            { node: 0, f: 1, v: 2, y: 1, n: '1' },
          ],
          [],
        ],
      ] as const,
    ]),
  ),
  pca: [
    PCA,
    given({ columnNames: 'humidity,temperature', analysisType: 'CORR', remainColumns: 'day' }),
    [
      [{ total: '14', n: '12', means: [80, 20.5], deviations: [10, 2] }],
      [{ products: [11, 5.5, 11] }],
    ],
  ],
  'pca-view': [
    PCA,
    given({ columnNames: 'humidity', outputType: 'VIEW' }),
    [[{ total: '14', n: '14', means: [80], deviations: [10] }], [{ products: [1300] }]],
  ],
  'tree-scores': [CLASSIFIER, given({}, { trained: [TREE] })],
  'tree-lift': [
    LIFT,
    given({ dependentColumn: 'the "sky"', columnValue: 'no' }, { trained: [TREE] }),
  ],
  'confusion-matrix': [
    CONFUSION_MATRIX,
    given({ dependentColumn: 'play' }, { trained: [LOGISTIC] }),
    [[{ observed: 'true', predicted: 'true', n: '3' }]],
  ],
  'confusion-matrix-own': [
    CONFUSION_MATRIX,
    given({ dependentColumn: 'play', useModel: 'false', predictionColumn: 'the "sky"' }),
    [[{ observed: 'true', predicted: 'rain', n: '3' }]],
  ],
  roc: [ROC, given({ dependentColumn: 'play', columnValue: 'f' }, { trained: [LOGISTIC] })],
  'roc-own': [
    ROC,
    given({
      dependentColumn: 'play',
      columnValue: 'yes',
      useModel: 'false',
      confidenceColumn: 'temperature',
    }),
  ],
  lift: [LIFT, given({ dependentColumn: 'play', columnValue: 't' }, { trained: [LOGISTIC] })],
  'goodness-of-fit': [
    GOODNESS_OF_FIT,
    given({ dependentColumn: 'play' }, { trained: [LOGISTIC] }),
    [[{ observed: 'true', predicted: 'false', n: '3' }]],
  ],
  'regression-evaluator': [
    REGRESSION_EVALUATOR,
    given({ dependentColumn: 'humidity', predictionColumn: 'temperature' }),
    [[{ n: '3', sse: 1, syy: 2, mae: 0.5, residual: 0.3 }]],
  ],
  export: [EXPORT, given({ delimiter: 'Tab', fileName: 'days' })],
  ...Object.fromEntries(
    ['Drop', 'Append', 'Skip'].flatMap((ifDataExists) =>
      ['', '-elsewhere'].map((where) => [
        `copy${where}-${ifDataExists.toLowerCase()}`,
        [
          COPY_TO_DATABASE,
          given(
            { schemaName: 'out', copyToTableName: 'copied', ifDataExists },
            { context: { inputIsElsewhere: where !== '' } },
          ),
          [],
          [{ ...DAYS, schema: 'out', table: 'copied' }],
        ] as const,
      ]),
    ),
  ),
};

describe('operators', () => {
  it.each(Object.entries(CASES))(
    'send their golden SQL: %s',
    async (name, [kind, one, answers = [], relations = []]) => {
      golden(name, await sentSql(kind, one, answers, relations));
    },
  );
});
