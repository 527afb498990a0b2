import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FlowOperator, operator, tableSource } from '../support/flows.js';
import { figures, type Link, OperatorRuns, type Output, part } from '../support/operator-runs.js';
import { plainTree } from '../support/plain-tree.js';
import { GOLF_FLOW } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const PREPARE = `
  -- The example of Wikipedia's article on naive Bayes classifiers.
  CREATE TABLE demo.people8 (sex text, height float8, weight float8, foot float8);
  INSERT INTO demo.people8 VALUES ('male', 6, 180, 12), ('male', 5.92, 190, 11), ('male', 5.58, 170, 12),
    ('male', 5.92, 165, 10), ('female', 5, 100, 6), ('female', 5.5, 150, 8), ('female', 5.42, 130, 7),
    ('female', 5.75, 150, 9);
  CREATE TABLE demo.somebody AS SELECT 6::float8 AS height, 130::float8 AS weight, 8::float8 AS foot;
  -- Names and values that are easily got wrong; some of each missing.
  CREATE TABLE demo.odd_train ("Ünï ""q"" %" text, n numeric, "it's" boolean);
  INSERT INTO demo.odd_train SELECT (ARRAY['it''s', '日本', ''])[i % 3 + 1], i % 7, i % 3 = 0 FROM generate_series(1, 60) i;
  INSERT INTO demo.odd_train VALUES (NULL, 1, true), ('', NULL, false), ('', 1, NULL);
  -- Three classes that depend on numbers and a category, and not quite.
  CREATE TABLE demo.flowers AS SELECT i AS id, (i * 7919 % 1009) / 10.0 AS "längth", i * 104729 % 10007 AS width,
      (ARRAY['it''s', '日本', 'x"y', 'plain'])[i * 31 % 4 + 1] AS "wh""ere"
    FROM generate_series(1, 3000) i;
  ALTER TABLE demo.flowers ADD kind text;
  UPDATE demo.flowers SET kind = CASE WHEN id % 17 = 0 THEN 'rose' WHEN "längth" > 60 AND "wh""ere" <> 'plain' THEN 'rose'
    WHEN width < 2500 + 40 * "längth" THEN 'lily' ELSE 'iris' END;
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
  CREATE TABLE demo.smith (id int, x float8, y float8);
  INSERT INTO demo.smith VALUES (1, 2.5, 2.4), (2, 0.5, 0.7), (3, 2.2, 2.9), (4, 1.9, 2.2), (5, 3.1, 3.0), (6, 2.3, 2.7),
    (7, 2, 1.6), (8, 1, 1.1), (9, 1.5, 1.6), (10, 1.1, 0.9);
  CREATE TABLE demo.gaps AS SELECT i AS a, i * 2 + i % 3 AS b, 1 AS one FROM generate_series(1, 20) i UNION ALL SELECT 1, NULL, 1;
  CREATE TABLE demo.single AS SELECT 1 AS a;
  CREATE TABLE demo.flat AS SELECT 1 AS one, 'x'::text AS same, * FROM demo.golfnew;
  CREATE TABLE demo.noise AS SELECT i * 7919 % 10007 AS x, i * 104729 % 10009 AS y, i * 15485863 % 1013 AS z, i * 31 % 7 AS kind
    FROM generate_series(1::bigint, 300000) i;
`;

describe('models', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let runs: OperatorRuns;

  beforeAll(async () => {
    server = await startTestServer();
    await query(server.dataUrl, PREPARE);
    await query(server.dataUrl, 'GRANT SELECT ON ALL TABLES IN SCHEMA demo TO fermata_demo');
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    runs = new OperatorRuns(server, owner);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  /** Trains on one table and lets each of the others have table and model. */
  const trained = async (
    table: string,
    model: FlowOperator,
    scoredTable: string,
    ...others: readonly FlowOperator[]
  ) => {
    const sources = [...new Set([table, scoredTable])].map((name) => tableSource(name));
    const links = others.flatMap((one): Link[] => [
      [scoredTable, one.name],
      [model.name, one.name],
    ]);
    const done = await runs.run([...sources, model, ...others], [[table, model.name], ...links]);
    expect(done.run.error).toBeNull();
    return done;
  };
  const golf = async () =>
    (
      await query<{
        outlook: string;
        temperature: string;
        humidity: string;
        wind: string;
        play: string;
      }>(server.dataUrl, 'SELECT * FROM demo.golfnew')
    ).map((row) => ({
      ...row,
      temperature: Number(row.temperature),
      humidity: Number(row.humidity),
    }));

  const EVALUATORS = [
    operator('matrix', 'ConfusionMatrix', { dependentColumn: 'play' }),
    operator('roc', 'ROC', { dependentColumn: 'play', columnValue: 'yes' }),
    operator('lift', 'LIFT', { dependentColumn: 'play', columnValue: 'yes' }),
    operator('fit', 'GoodnessOfFit', { dependentColumn: 'play' }),
  ];
  /** What evaluators say, against the scores of the rows. */
  const judged = (
    output: (title: string) => Output,
    scores: readonly { readonly play: string; readonly predicted: string; readonly yes: number }[],
  ) => {
    const model = output('matrix').visualData[1].visualData.heatMapTable.modelName as string;
    const right = scores.filter(({ play, predicted }) => play === predicted).length;
    expect(output('matrix').visualData[1].visualData.heatMapTable.accuracy).toBeCloseTo(
      right / scores.length,
      12,
    );
    const [of, against] = ['yes', 'no'].map((play) => scores.filter((one) => one.play === play));
    const wins = of!.flatMap((a) =>
      against!.map((b) => (a.yes > b.yes ? 1 : a.yes === b.yes ? 0.5 : 0)),
    );
    const auc = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
    expect(figures(part(output('roc').visualData, `${model}: AUC`))['AUC']).toBe(
      Number.isInteger(auc) ? String(auc) : auc.toFixed(4),
    );
    expect(output('lift').visualData.items.at(-1)).toMatchObject({ lift: '1', gain: '1' });
    const [no] = output('fit').visualData.items;
    const saidNo = scores.filter(({ predicted }) => predicted === 'no');
    const rightNo = saidNo.filter(({ play }) => play === 'no').length;
    expect(Number(no.Precision)).toBeCloseTo(rightNo / saidNo.length, 4);
  };

  describe('naive Bayes', () => {
    const bayes = (columnNames: string, dependentColumn = 'play') =>
      operator('bayes', 'NaiveBayes', { dependentColumn, columnNames });

    it('gives the published example its published values', async () => {
      const { output } = await trained(
        'people8',
        bayes('height,weight,foot', 'sex'),
        'somebody',
        operator('who', 'DatabaseClassifier'),
      );
      const [male] = part(output('bayes').visualData, 'Numeric').items.slice(1);
      expect(male).toEqual({
        Attribute: 'height',
        Class: 'male',
        Mean: '5.8550',
        'Standard deviation': Math.sqrt(3.5033e-2).toFixed(4),
      });
      const [row] = await runs.rows<{ PRED_NB: string; CONF_NB: number; INFO_NB: string }>('who');
      expect(row!.PRED_NB).toBe('female');
      // Posterior numerators 6.1984e-9 and 5.3778e-4; made of variances of five digits, which exponents make worse.
      const { male: p } = JSON.parse(row!.INFO_NB);
      expect(Math.abs(p / (6.1984e-9 / (6.1984e-9 + 5.3778e-4)) - 1)).toBeLessThan(1e-3);
      expect(row!.CONF_NB).toBeCloseTo(1 - p, 12);
    });

    it('scores mixed columns as probabilities multiplied do', async () => {
      const all = await golf();
      const { output } = await trained(
        'golfnew',
        bayes('outlook,temperature,humidity,wind'),
        'golfnew',
        operator('scored', 'DatabasePredictor'),
        ...EVALUATORS,
      );
      const score = (row: (typeof all)[number], play: string) => {
        const of = all.filter((one) => one.play === play);
        const normal = (value: number, values: readonly number[]) => {
          const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
          const variance =
            values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
          return (
            Math.exp(-((value - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
          );
        };
        const share = (key: 'outlook' | 'wind', kinds: number) =>
          (of.filter((one) => one[key] === row[key]).length + 1) / (of.length + kinds);
        return (
          (of.length / all.length) *
          share('outlook', 3) *
          share('wind', 2) *
          normal(
            row.temperature,
            of.map((one) => one.temperature),
          ) *
          normal(
            row.humidity,
            of.map((one) => one.humidity),
          )
        );
      };
      const expected = all.map((row) => {
        const [yes, no] = [score(row, 'yes'), score(row, 'no')];
        const p = yes / (yes + no);
        return { play: row.play, predicted: p >= 0.5 ? 'yes' : 'no', yes: p };
      });
      const key = 'temperature, humidity, outlook, wind';
      const order = (a: (typeof all)[number], b: (typeof all)[number]) =>
        a.temperature - b.temperature ||
        a.humidity - b.humidity ||
        (a.outlook < b.outlook ? -1 : 1);
      const sorted = all.map((row, i) => ({ row, at: i })).sort((a, b) => order(a.row, b.row));
      const scored = await runs.rows<{ PRED_NB: string; CONF_NB: number; INFO_NB: string }>(
        'scored',
        key,
      );
      expect(scored).toHaveLength(14);
      scored.forEach((row, i) => {
        const { predicted, yes } = expected[sorted[i]!.at]!;
        expect(row.PRED_NB).toBe(predicted);
        expect(row.CONF_NB).toBeCloseTo(Math.max(yes, 1 - yes), 10);
        const info = JSON.parse(row.INFO_NB);
        expect(info.yes).toBeCloseTo(yes, 10);
        expect(info.no).toBeCloseTo(1 - yes, 10);
      });
      judged(output, expected);
    });

    it('takes odd names and values, leaves incomplete rows, and knows no more than it saw', async () => {
      const { document } = await trained(
        'odd_train',
        bayes('Ünï "q" %,n', `it's`),
        'odd_train',
        operator('odd scored', 'DatabaseClassifier'),
      );
      expect(document.logs).toContainEqual(
        expect.objectContaining({
          message: 'bad_data',
          logmessage: '3 of 63 rows are skipped: a value is missing',
        }),
      );
      const [check] = await query(
        server.dataUrl,
        `SELECT count(*)::int AS n, count("PRED_NB")::int AS scored,
           count(*) FILTER (WHERE "PRED_NB" = "it's"::text)::int AS right,
           count(*) FILTER (WHERE "PRED_NB" IS NULL AND "CONF_NB" IS NULL AND "INFO_NB" IS NULL)::int AS unknown
         FROM "default"."odd scored"`,
      );
      expect(check).toEqual({ n: 63, scored: 61, right: 60, unknown: 2 });
    });

    it('tells many classes apart', async () => {
      await trained(
        'golfnew',
        bayes('humidity,play', 'outlook'),
        'golfnew',
        operator('three', 'DatabaseClassifier'),
      );
      for (const { INFO_NB, CONF_NB, PRED_NB } of await runs.rows<any>('three')) {
        const info: Record<string, number> = JSON.parse(INFO_NB);
        expect(Object.keys(info)).toEqual(['overcast', 'rain', 'sunny']);
        expect(Object.values(info).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
        expect(CONF_NB).toBe(Math.max(...Object.values(info)));
        expect(info[PRED_NB]).toBe(CONF_NB);
      }
    });

    it.each([
      [
        'one class only',
        'nobody',
        bayes('n', 'play'),
        /"play" must have two classes or more; found "yes"/,
      ],
      ['no rows', 'empty', bayes('n', 'play'), /found no row that can be used/],
      ['a date', 'dated', bayes('at', 'play'), /"at" is date: it cannot be used to train a model/],
    ])('needs more than %s', async (_title, table, model, message) => {
      await query(
        server.dataUrl,
        `DROP TABLE IF EXISTS demo.${table}; CREATE TABLE demo.${table} AS SELECT i AS n, current_date AS at,
           CASE WHEN '${table}' = 'dated' AND i = 1 THEN 'no' ELSE 'yes' END AS play
         FROM generate_series(1, ${table === 'empty' ? 0 : 9}) i; GRANT SELECT ON demo.${table} TO fermata_demo`,
      );
      const { run } = await runs.run([tableSource(table), model], [[table, model.name]]);
      expect(run.error.message).toMatch(message);
    });
  });

  describe.each([
    ['decision tree', 'DecisionTree', 'C4.5'],
    ['CART', 'Cart', 'CART'],
  ] as const)('%s', (_title, type, kind) => {
    const columns = ['outlook', 'temperature', 'humidity', 'wind'];
    const tree = (dependentColumn: string, columnNames: readonly string[], more = {}) =>
      operator('tree', type, { dependentColumn, columnNames: columnNames.join(','), ...more });
    const rule = { kind, depth: 5, splitSize: 4, leafSize: 2, gain: 0.01 };

    it('predicts the weather data as an independent tree does, and is judged so', async () => {
      const all = await golf();
      const { output } = await trained(
        'golfnew',
        tree('play', columns),
        'golfnew',
        operator('tree scored', 'DatabaseClassifier'),
        ...EVALUATORS,
      );
      const expected = plainTree(all, { ...rule, columns, dependent: 'play' });
      const scored = await runs.rows<any>('tree scored');
      expect(scored).toHaveLength(14);
      for (const row of scored) {
        const { yes = 0, no = 0 } = expected({
          ...row,
          temperature: Number(row.temperature),
          humidity: Number(row.humidity),
        });
        expect(row.PRED_DT).toBe(yes > no ? 'yes' : 'no');
        expect(row.CONF_DT).toBeCloseTo(Math.max(yes, no), 12);
        expect(JSON.parse(row.INFO_DT).yes).toBeCloseTo(yes, 12);
      }
      judged(
        output,
        all.map((row) => {
          const { yes = 0, no = 0 } = expected(row);
          return { play: row.play, predicted: yes > no ? 'yes' : 'no', yes };
        }),
      );
      const nodes = part(output('tree').visualData, 'Tree').items;
      if (kind === 'C4.5')
        // Quinlan's tree.
        expect(
          nodes.map(({ Condition, Prediction }: any) => `${Condition}: ${Prediction}`),
        ).toEqual([
          ': yes',
          'outlook = overcast: yes',
          'outlook = rain: yes',
          'wind = false: yes',
          'wind = true: no',
          'outlook = sunny: no',
          'humidity <= 70: yes',
          'humidity > 70: no',
        ]);
    });

    it('predicts three classes of 3,000 rows as an independent tree does', async () => {
      const chosen = ['längth', 'width', 'wh"ere'];
      const { output } = await trained(
        'flowers',
        tree('kind', chosen, {
          maximal_depth: '7',
          minimal_size_for_split: '20',
          minimal_leaf_size: '8',
          minimal_gain: '0.001',
        }),
        'flowers',
        operator('flowers scored', 'DatabasePredictor'),
      );
      const scored = await runs.rows<any>('flowers scored', 'id');
      const numbers = scored.map((row) => ({
        ...row,
        längth: Number(row['längth']),
        width: Number(row.width),
      }));
      const expected = plainTree(numbers, {
        ...rule,
        columns: chosen,
        dependent: 'kind',
        depth: 7,
        splitSize: 20,
        leafSize: 8,
        gain: 0.001,
      });
      let right = 0;
      for (const row of numbers) {
        const shares = Object.entries(expected(row)).sort(
          ([a, p], [b, q]) => q - p || (a < b ? -1 : 1),
        );
        expect(row.CONF_DT).toBeCloseTo(shares[0]![1], 12);
        expect(row.PRED_DT).toBe(shares[0]![0]);
        const info = JSON.parse(row.INFO_DT);
        for (const [label, share] of shares) expect(info[label]).toBeCloseTo(share, 12);
        if (row.PRED_DT === row.kind) right += 1;
      }
      expect(right / numbers.length).toBeGreaterThan(0.9);
      const { Nodes, Depth } = figures(part(output('tree').visualData, 'Summary'));
      expect(Number(Nodes)).toBeGreaterThan(15);
      expect(Depth).toBe('7');
    });

    it('leaves incomplete rows, and what it never saw at the last question it can answer', async () => {
      await query(
        server.dataUrl,
        `DROP TABLE IF EXISTS demo.days2; CREATE TABLE demo.days2 AS SELECT * FROM demo.golfnew;
         INSERT INTO demo.days2 VALUES (NULL, 1, 1, 'true', 'yes'), ('fog', 64, 65, 'gale', 'yes'), ('sunny', 64, NULL, 'true', 'no');
         GRANT SELECT ON demo.days2 TO fermata_demo`,
      );
      await trained(
        'golfnew',
        tree('play', ['outlook', 'wind']),
        'days2',
        operator('days scored', 'DatabaseClassifier'),
      );
      const found = await query<any>(
        server.dataUrl,
        `SELECT outlook, "PRED_DT", "CONF_DT", "INFO_DT" FROM "default"."days scored" WHERE wind = 'gale' OR outlook IS NULL OR humidity IS NULL ORDER BY outlook`,
      );
      const [fog, sunny, none] = found;
      // Nobody knows fog: 9 of 14 days are for playing.
      expect(fog.PRED_DT).toBe('yes');
      if (kind === 'C4.5') expect(fog.CONF_DT).toBeCloseTo(9 / 14, 12);
      expect(sunny.PRED_DT).toBe('no');
      expect(none).toEqual({ outlook: null, PRED_DT: null, CONF_DT: null, INFO_DT: null });
    });

    it('ends where nothing is gained, and says what it cannot use', async () => {
      const { output, document } = await trained(
        'golfnew',
        tree('play', ['outlook', 'wind'], { minimal_gain: '0.9' }),
        'golfnew',
        operator('stump', 'DatabaseClassifier'),
      );
      expect(figures(part(output('tree').visualData, 'Summary'))).toEqual({
        Nodes: '1',
        Leaves: '1',
        Depth: '0',
        'Rows used': '14',
      });
      const [check] = await query(
        server.dataUrl,
        `SELECT count(*)::int AS n FROM "default".stump WHERE "PRED_DT" = 'yes' AND abs("CONF_DT" - 9 / 14.0) < 1e-12`,
      );
      expect(check).toEqual({ n: 14 });
      expect(document.logs.filter(({ message }: any) => message === 'bad_data')).toEqual([]);
    });

    it('says which columns tell nothing', async () => {
      const { document } = await trained(
        'flat',
        tree('play', ['one', 'same', 'wind']),
        'flat',
        operator('flat scored', 'DatabaseClassifier'),
      );
      expect(document.logs).toContainEqual(
        expect.objectContaining({
          message: 'bad_data',
          logmessage: 'dropped as constant: one, same',
        }),
      );
    });

    it('stops between its levels', async () => {
      const path = await runs.start(
        [
          tableSource('noise'),
          tree('kind', ['x', 'y', 'z'], { maximal_depth: '30', minimal_gain: '0' }),
        ],
        [['noise', 'tree']],
      );
      await until('a level', async () => {
        const [row] = await query<{ n: number }>(
          server.url,
          `SELECT count(*)::int AS n FROM run_events WHERE run_id = $1 AND type = 'log'`,
          [path.split('/').at(-1)],
        );
        return row!.n >= 2;
      });
      expect((await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`)).response.status).toBe('idle');
      const tagged = await query(
        server.url,
        `SELECT FROM pg_stat_activity WHERE application_name LIKE 'fermata:%'`,
      );
      expect(tagged).toEqual([]);
      expect((await owner.get(path)).response.stop_receipt).toMatchObject({
        outcome: 'stopped',
        operators: { finished: ['noise'], rolled_back: ['tree'] },
      });
    });
  });

  describe('PCA', () => {
    it('gives the published example its published values', async () => {
      const { shown } = await runs.chain(
        'smith',
        operator('projected', 'PCA', { columnNames: 'x,y', remainColumns: 'id' }),
      );
      // Lindsay Smith, A Tutorial on Principal Components Analysis (2002).
      const rows = await runs.rows<{ id: number; PC1: number; PC2: number }>('projected', 'id');
      const published = [
        [0.82797019, -0.175115307],
        [-1.77758033, 0.142857227],
        [0.992197494, 0.384374989],
      ];
      published.forEach(([first, second], i) => {
        expect(rows[i]!.PC1).toBeCloseTo(first!, 7);
        expect(Math.abs(rows[i]!.PC2)).toBeCloseTo(Math.abs(second!), 7);
      });
      expect(Object.keys(rows[0]!)).toEqual(['id', 'PC1', 'PC2']);
      expect(part(shown, 'Explained Variance').items).toEqual([
        {
          Component: 'PC1',
          Variance: '1.2840',
          Proportion: (1.28402771 / 1.333111109).toFixed(4),
          Cumulative: expect.any(String),
          Kept: 'true',
        },
        {
          Component: 'PC2',
          Variance: '0.0491',
          Proportion: expect.any(String),
          Cumulative: '1',
          Kept: 'true',
        },
      ]);
      expect(part(shown, 'Components').items).toEqual([
        { Attribute: 'x', PC1: '0.6779', PC2: expect.stringMatching(/^0\.7352$/) },
        { Attribute: 'y', PC1: '0.7352', PC2: '-0.6779' },
      ]);
    });

    it.each([
      ['CORR', 'corr(a, b)'],
      ['COV-SAM', 'covar_samp(a, b)'],
      ['COV-POP', 'covar_pop(a, b)'],
    ])(
      'makes components that are uncorrelated and hold all of the variance: %s',
      async (analysisType, of) => {
        const columns = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6'];
        const { output } = await runs.chain(
          'longley',
          operator('components', 'PCA', { columnNames: columns.join(','), analysisType }),
          operator('first two', 'PCA', {
            columnNames: columns.join(','),
            analysisType,
            remainColumns: 'y',
            components: '2',
          }),
        );
        const matrix = await Promise.all(
          columns.map((a) =>
            Promise.all(
              columns.map(async (b) => {
                const [row] = await query<{ v: number }>(
                  server.dataUrl,
                  `SELECT ${of} AS v FROM (SELECT ${a} AS a, ${b} AS b FROM demo.longley) t`,
                );
                return row!.v;
              }),
            ),
          ),
        );
        const expected = jacobi(matrix);
        const scale = expected[0]!;
        const pcs = columns.map((_, i) => `"PC${i + 1}"`);
        const measure = of.replace('corr', 'covar_samp');
        for (const [i, a] of pcs.entries())
          for (const [j, b] of pcs.entries()) {
            const [row] = await query<{ v: number }>(
              server.dataUrl,
              `SELECT ${measure} AS v FROM (SELECT ${a} AS a, ${b} AS b FROM "default".components) t`,
            );
            expect(Math.abs(row!.v - (i === j ? expected[i]! : 0)) / scale).toBeLessThan(1e-9);
          }
        const shown = part(output('components').visualData, 'Explained Variance').items;
        const whole = expected.reduce((sum, v) => sum + v, 0);
        shown.forEach((item: any, i: number) => {
          expect(Number(item.Proportion)).toBeCloseTo(expected[i]! / whole, 4);
        });
        expect(Object.keys((await runs.rows('first two'))[0]!)).toEqual(['y', 'PC1', 'PC2']);
      },
    );

    it('keeps as much variance as wanted, leaves incomplete rows, and says what tells nothing', async () => {
      const { document, shown } = await runs.chain(
        'gaps',
        operator('gaps projected', 'PCA', {
          columnNames: 'a,b,one',
          percent: '90',
          outputType: 'VIEW',
        }),
      );
      const [check] = await query(
        server.dataUrl,
        `SELECT count(*)::int AS n, count("PC1")::int AS known FROM "default"."gaps projected"`,
      );
      expect(check).toEqual({ n: 21, known: 20 });
      expect(part(shown, 'Explained Variance').items.map(({ Kept }: any) => Kept)).toEqual([
        'true',
        'false',
      ]);
      const said = document.logs.filter(({ message }: any) => message === 'bad_data');
      expect(said.map(({ logmessage }: any) => logmessage)).toEqual([
        '1 of 21 rows are skipped: a value is missing',
        'dropped as constant: one',
      ]);
    });

    it.each([
      ['a text', 'golfnew', { columnNames: 'outlook' }, /"outlook" is text; needed: numeric/],
      ['constant columns', 'gaps', { columnNames: 'one' }, /all columns are constant/],
      ['one row', 'single', { columnNames: 'a' }, /1 rows are too few/],
      ['a name that is taken', 'single', { columnNames: 'a,a' }, /column "a" is there twice/],
    ])('refuses %s', async (_title, table, parameters, message) => {
      const { run } = await runs.run(
        [tableSource(table), operator('pca', 'PCA', parameters)],
        [[table, 'pca']],
      );
      expect(run.error.message).toMatch(message);
    });
  });
});

/** Eigenvalues of a symmetric matrix, the greatest first, by Jacobi's rotations. */
function jacobi(given: readonly (readonly number[])[]): number[] {
  const m = given.map((row) => [...row]);
  for (let sweep = 0; sweep < 100; sweep += 1)
    for (let p = 0; p < m.length; p += 1)
      for (let q = p + 1; q < m.length; q += 1) {
        if (Math.abs(m[p]![q]!) < 1e-300) continue;
        const angle = Math.atan2(2 * m[p]![q]!, m[q]![q]! - m[p]![p]!) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < m.length; k += 1) {
          const [a, b] = [m[k]![p]!, m[k]![q]!];
          m[k]![p] = c * a - s * b;
          m[k]![q] = s * a + c * b;
        }
        for (let k = 0; k < m.length; k += 1) {
          const [a, b] = [m[p]![k]!, m[q]![k]!];
          m[p]![k] = c * a - s * b;
          m[q]![k] = s * a + c * b;
        }
      }
  return m.map((row, i) => row[i]!).sort((a, b) => b - a);
}
