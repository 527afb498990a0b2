import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { element, type FlowOperator, operator, tableSource } from '../support/flows.js';
import { type Link, OperatorRuns } from '../support/operator-runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { query, startTestServer, type TestServer } from '../support/test-server.js';

const ODD = 'Ünï "q" %';
const NAME = 'Mäde "by"';
const PREPARE = `
  CREATE TABLE demo.odd ("id" int, "Ünï ""q"" %" text, "when" timestamp, n numeric(12,4), flag boolean, tags int[]);
  INSERT INTO demo.odd VALUES
    (1, 'it''s', '2026-01-02 03:04:05', 1.5, true, '{1,2}'), (2, NULL, NULL, NULL, NULL, NULL),
    (3, '', '2026-01-03 00:00:00', -2, false, '{}'), (4, '日本', '2026-01-04 00:00:00', 0, true, NULL),
    (5, '日本', '2026-01-04 00:00:00', 7, false, NULL);
  CREATE TABLE demo.empty AS SELECT * FROM demo.odd WHERE false;
  CREATE TABLE demo.wide AS SELECT *, ${Array.from({ length: 400 }, (_, i) => `${i} AS "wide ${i}"`).join(', ')} FROM demo.odd;
`;
const SIZES = '<SampleSizeModel><sampleSizes sampleSize="100"/></SampleSizeModel>';

interface Made {
  /** The last one stores the table that is looked at. */
  readonly operators: readonly FlowOperator[];
  readonly links: readonly Link[];
}

interface Storing {
  /** @param from name of the source of the rows */
  readonly make: (from: string, storage: Record<string, string>) => Made;
  readonly alwaysTable?: boolean;
  /** Table it makes, if not its name. */
  readonly table?: string;
  /** It learns from the rows, so there must be some. */
  readonly needsRows?: boolean;
  /** Of a wide table, it passes all columns on. */
  readonly keepsAll?: boolean;
  /** A view of it has other columns. */
  readonly otherView?: boolean;
}

/** An operator with one input. */
const one =
  (type: string, parameters: Record<string, string>, models = ''): Storing['make'] =>
  (from, storage) => ({
    operators: [operator(NAME, type, { ...parameters, ...storage }, models)],
    links: [[from, NAME]],
  });
/** An operator that takes a model besides. */
const scored =
  (type: string, model: FlowOperator): Storing['make'] =>
  (from, storage) => ({
    operators: [tableSource('odd'), model, operator(NAME, type, storage)].filter(
      ({ name }) => name !== from,
    ),
    links: [
      ['odd', model.name],
      [from, NAME],
      [model.name, NAME],
    ],
  });

const STORING: Readonly<Record<string, Storing>> = {
  'Row Filter': {
    keepsAll: true,
    make: one(
      'Filter',
      {},
      element(
        'RowFilterConditionModel',
        { sqlType: 'nosql', useAll: 'false' },
        element('RowFilterConditionItem', {
          columnName: ODD,
          condition: 'contains',
          firstValue: '日',
        }),
        element('RowFilterConditionItem', { columnName: ODD, condition: 'is null' }),
      ),
    ),
  },
  'Column Filter': { make: one('ColumnFilter', { columnNames: `${ODD},tags` }) },
  Join: {
    make: (from, storage) => ({
      operators: [
        operator('side', 'ColumnFilter', { columnNames: `id,${ODD}` }),
        operator(
          NAME,
          'TableJoin',
          { createSequenceID: 'Yes', ...storage },
          element(
            'TableJoinDefinition',
            {},
            element('JoinTableModel', { alias: 'a', operID: 'u0' }),
            element('JoinTableModel', { alias: 'b "c"', operID: 'u1' }),
            element('JoinColumnModel', { tableAlias: 'a', columnName: 'n', newColumnName: 'n' }),
            element('JoinColumnModel', { tableAlias: 'a', columnName: ODD, newColumnName: ODD }),
            element('JoinColumnModel', {
              tableAlias: 'b "c"',
              columnName: ODD,
              newColumnName: `b.${ODD}`,
            }),
            element('JoinConditionModel', {
              joinType: 'LEFT JOIN',
              tableAlias1: 'a',
              tableAlias2: 'b "c"',
              column1: '"a"."id"',
              condition: '=',
              column2: '"b ""c"""."id"',
            }),
          ),
        ),
      ],
      links: [
        [from, 'side'],
        [from, NAME],
        ['side', NAME],
      ],
    }),
  },
  Variable: {
    make: one(
      'Variable',
      { columnNames: `id,${ODD}` },
      element(
        'DerivedFieldsModel',
        {},
        element('DerivedFieldItem', {
          columnName: 'länge "x"',
          dataType: 'INTEGER',
          expression: `length("Ünï ""q"" %")`,
        }),
      ) +
        element(
          'QuantileModel',
          {},
          element('QuantileItem', { columnName: 'n', newColumnName: 'q', numberOfBin: '2' }),
        ),
    ),
  },
  'Random Sampling': {
    alwaysTable: true,
    keepsAll: true,
    table: `${NAME}_0`,
    make: one('RandomSampling', { consistent: 'true', keyColumnList: ODD }, SIZES),
  },
  'Stratified Sampling': {
    alwaysTable: true,
    keepsAll: true,
    table: `${NAME}_0`,
    make: one('StratifiedSampling', { samplingColumn: ODD }, SIZES),
  },
  Aggregation: {
    make: one(
      'Aggregation',
      { groupByColumns: ODD },
      element('AggregateFieldItem', { columnName: 'n', function: 'sum', alias: 'sum "n"' }) +
        element('AggregateFieldItem', { columnName: 'flag', function: 'count' }),
    ),
  },
  'Set Operations': {
    keepsAll: true,
    make: (from, storage) => ({
      operators: [
        operator(
          'side',
          'Filter',
          {},
          element('RowFilterConditionModel', { sqlType: 'sql', conditionValue: '"id" < 3' }),
        ),
        operator(NAME, 'SetOperation', { setType: 'UNION ALL', ...storage }),
      ],
      links: [
        [from, 'side'],
        [from, NAME],
        ['side', NAME],
      ],
    }),
  },
  Sort: { keepsAll: true, otherView: true, make: one('Sort', { columnNames: `${ODD} desc,id` }) },
  'Null Value Replacement': {
    keepsAll: true,
    make: one(
      'ReplaceNull',
      {},
      element('NullReplacementItem', { columnName: ODD, method: 'value', value: `o'n "é"` }) +
        element('NullReplacementItem', { columnName: 'n', method: 'median' }),
    ),
  },
  Normalization: {
    keepsAll: true,
    make: one('Normalization', { columnNames: 'n', method: 'Range' }),
  },
  Pivot: {
    make: one('Pivot', {
      pivotColumn: ODD,
      groupByColumn: 'flag',
      aggregateColumn: 'n',
      aggregateFunction: 'sum',
    }),
  },
  'SQL Execute': {
    alwaysTable: true,
    keepsAll: true,
    make: one('SqlExecute', {
      sql: 'CREATE TABLE alpine_sql_output AS SELECT * FROM alpine_sql_input_1',
    }),
  },
  'Copy To Database': {
    alwaysTable: true,
    keepsAll: true,
    make: (from, { dropIfExist = 'Yes' }) => ({
      operators: [
        operator(NAME, 'CopyToDB', {
          schemaName: 'default',
          copyToTableName: NAME,
          ifDataExists: /yes/i.test(dropIfExist) ? 'Drop' : 'Error',
        }),
      ],
      links: [[from, NAME]],
    }),
  },
  'K-Means': {
    needsRows: true,
    keepsAll: true,
    make: one('KMeans', { columnNames: 'n', k: '2' }),
  },
  PCA: { needsRows: true, keepsAll: true, make: one('PCA', { columnNames: 'n,id' }) },
  Predictor: {
    keepsAll: true,
    make: scored(
      'DatabasePredictor',
      operator('model', 'LinearRegression', { dependentColumn: 'id', columnNames: 'n' }),
    ),
  },
  Classifier: {
    keepsAll: true,
    make: scored(
      'DatabaseClassifier',
      operator('model', 'NaiveBayes', { dependentColumn: 'flag', columnNames: `${ODD},n` }),
    ),
  },
};

describe('operators that store a table', () => {
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

  const run = async (make: Storing['make'], from: string, storage: Record<string, string> = {}) => {
    const { operators, links } = make(from, storage);
    return runs.run([tableSource(from), ...operators], links);
  };
  const kindOf = async (table: string) => {
    const [found] = await query<{ kind: string; columns: string[] }>(
      server.dataUrl,
      `SELECT relkind AS kind, (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
       FROM pg_class c WHERE relnamespace = '"default"'::regnamespace AND relname = $1`,
      [table],
    );
    return found;
  };
  const contents = async (table: string) => {
    const found = await query<{ row: string }>(
      server.dataUrl,
      `SELECT t::text AS row FROM "default"."${table.replaceAll('"', '""')}" t ORDER BY 1`,
    );
    return found.map(({ row }) => row);
  };

  it.each(Object.entries(STORING))(
    'take odd names and values, make tables and views, and replace only what they may: %s',
    async (_title, { make, table = NAME, alwaysTable = false, otherView = false }) => {
      const first = await run(make, 'odd');
      expect(first.run.error).toBeNull();
      const made = await kindOf(table);
      expect(made!.kind).toBe('r');
      const rows = await contents(table);
      expect(rows.length).toBeGreaterThan(0);
      const shown = JSON.stringify(first.output(NAME).visualData);
      expect(shown).toContain(JSON.stringify(`default.${table}`));
      for (const column of made!.columns) expect(shown).toContain(JSON.stringify(column));

      const kept = await run(make, 'odd', { dropIfExist: 'No' });
      expect(kept.run.error.message).toMatch(/exists( and may not be dropped)? \(/);
      expect(await contents(table)).toEqual(rows);

      if (!alwaysTable) {
        const seen = await run(make, 'odd', { outputType: 'VIEW' });
        expect(seen.run.error).toBeNull();
        expect((await kindOf(table))!.kind).toBe('v');
        if (!otherView) expect(await contents(table)).toEqual(rows);
        const refused = await run(make, 'odd', { outputType: 'VIEW', dropIfExist: 'No' });
        expect(refused.run.status).toBe('failed');
      }
      const again = await run(make, 'odd', { dropIfExist: 'yes' });
      expect(again.run.error).toBeNull();
      expect(await kindOf(table)).toEqual(made);
    },
  );

  it.each(Object.entries(STORING).filter(([, { needsRows }]) => needsRows !== true))(
    'make an empty table of no rows: %s',
    async (title, { make, table = NAME }) => {
      await run(make, 'odd');
      const { columns } = (await kindOf(table))!;
      const { run: ended, output } = await run(make, 'empty');
      expect(ended.error).toBeNull();
      expect(await contents(table)).toEqual([]);
      const made = (await kindOf(table))!.columns;
      // Where there are no values, there are no columns for them.
      expect(made).toEqual(title === 'Pivot' ? ['flag'] : columns);
      expect(JSON.stringify(output(NAME).visualData)).toContain(' and 0 rows.');
    },
  );

  it.each(Object.entries(STORING))(
    'take wide tables: %s',
    async (_title, { make, table = NAME, keepsAll = false }) => {
      const { run: ended } = await run(make, 'wide');
      expect(ended.error).toBeNull();
      if (keepsAll) expect((await kindOf(table))!.columns.length).toBeGreaterThanOrEqual(406);
    },
  );

  it('replace a relation of any kind by its own command, and refuse what is no table', async () => {
    const make = one('ColumnFilter', { columnNames: 'id' });
    const place = `"default"."Mäde ""by"""`;
    const kinds = [
      `CREATE MATERIALIZED VIEW ${place} AS SELECT 1 AS x`,
      `CREATE TABLE ${place} (x int) PARTITION BY RANGE (x)`,
      `CREATE VIEW ${place} AS SELECT 1 AS x`,
    ];
    for (const create of kinds) {
      await query(
        server.dataUrl,
        `DROP TABLE IF EXISTS ${place}; ${create}; ALTER TABLE ${place} OWNER TO fermata_demo`,
      );
      expect((await run(make, 'odd')).run.error).toBeNull();
      expect(await kindOf(NAME)).toEqual({ kind: 'r', columns: ['id'] });
    }
    await query(server.dataUrl, `DROP TABLE ${place}; CREATE SEQUENCE ${place}`);
    expect((await run(make, 'odd')).run.error.message).toBe(
      `"default"."${NAME}" is neither a table nor a view`,
    );
    await query(server.dataUrl, `DROP SEQUENCE ${place}`);
  });

  it('make no schema, and leave what others have built on a table', async () => {
    const make = one('ColumnFilter', { columnNames: 'id' });
    const { run: nowhere } = await run(make, 'odd', { outputSchema: 'nowhere' });
    expect(nowhere.error).toEqual({
      message: 'schema "nowhere" does not exist',
      operator: NAME,
      sqlstate: '3F000',
    });
    expect((await run(make, 'odd')).run.error).toBeNull();
    await query(
      server.dataUrl,
      `CREATE VIEW "default".stranger AS SELECT * FROM "default"."Mäde ""by"""`,
    );
    const { run: built } = await run(make, 'odd');
    expect(built.error).toMatchObject({ operator: NAME, sqlstate: '2BP01' });
    expect(await contents(NAME)).toHaveLength(5);
    await query(server.dataUrl, 'DROP VIEW "default".stranger');
  });
});
