import { flowXml, operator, rowFilter, tableSource, variable } from '../../support/flows.js';

/** What an operator of a flow leaves in the data source. */
export interface Trace {
  readonly operator: string;
  /** Its output table, whose column `run` names the run; null: it inserts a row into the table of effects. */
  readonly table: string | null;
  /** Rows when it is whole. */
  readonly rows: number;
}

export interface ChaosFlow {
  readonly afm: string;
  /** Matches a statement that takes its time. */
  readonly working: RegExp;
  traces(workfile: number): readonly Trace[];
}

const GOLF_ROWS = 14;
/** Of which run a row is, by the data source's own word: the tag of the session that wrote it. */
const WRITER = `current_setting('application_name')`;
const FLOW_ID = { '@flow_id': '@flow_id' };

/** Each workfile has tables of its own. */
const stored = (name: string) => ({ outputTable: `${name}_@flow_id` });
const written = (name: string, more: Readonly<Record<string, readonly [string, string]>> = {}) =>
  variable(name, 'play', { run: ['TEXT', WRITER], ...more }, stored(name));
const trace = (operatorName: string, workfile: number): Trace => ({
  operator: operatorName,
  table: `${operatorName}_${workfile}`,
  rows: GOLF_ROWS,
});
/** Waits in the data source without using the processor; once per statement, not once per row. */
const waits = (seconds: number): readonly [string, string] => [
  'TEXT',
  `(SELECT pg_sleep(${seconds})::text)`,
];

/** One operator that is at work for so long. */
export function sleeping(seconds: number): ChaosFlow {
  return {
    afm: flowXml({
      operators: [tableSource('golfnew'), written('slept', { waited: waits(seconds) })],
      links: [['golfnew', 'slept']],
      variables: FLOW_ID,
    }),
    working: /CREATE TABLE[^]*pg_sleep/,
    traces: (workfile) => [trace('slept', workfile)],
  };
}

/** Short operators behind and beside each other; the last waits. */
export function branching(seconds: number): ChaosFlow {
  return {
    afm: flowXml({
      operators: [
        tableSource('golfnew'),
        written('a'),
        written('b'),
        rowFilter('c', '"play" IS NOT NULL', stored('c')),
        written('d', { waited: waits(seconds) }),
      ],
      links: [
        ['golfnew', 'a'],
        ['golfnew', 'b'],
        ['a', 'c'],
        ['c', 'd'],
      ],
      variables: FLOW_ID,
    }),
    working: /CREATE TABLE[^]*pg_sleep/,
    traces: (workfile) => ['a', 'b', 'c', 'd'].map((name) => trace(name, workfile)),
  };
}

/** Operators in a row, each of which waits. */
export function chain(operators: number, seconds: number): ChaosFlow {
  const names = Array.from({ length: operators }, (_, i) => `s${i}`);
  const places = ['golfnew', ...names];
  return {
    afm: flowXml({
      operators: [
        tableSource('golfnew'),
        ...names.map((name) => written(name, { waited: waits(seconds) })),
      ],
      links: places.slice(1).map((to, i): [string, string] => [places[i] ?? '', to]),
      variables: FLOW_ID,
    }),
    working: /CREATE TABLE[^]*pg_sleep/,
    traces: (workfile) => names.map((name) => trace(name, workfile)),
  };
}

/** SQL of the author that is not repeatable: each execution inserts one row, after or before it has waited. */
export function inserting(executions: number, seconds: number): ChaosFlow {
  const names = Array.from({ length: executions }, (_, i) => `e${i}`);
  return {
    afm: flowXml({
      operators: [
        tableSource('golfnew'),
        ...names.map((name) =>
          operator(name, 'SqlExecute', {
            sql: `INSERT INTO chaos.effects (operator) SELECT '${name}' FROM (SELECT pg_sleep(${seconds})) waited`,
            passOutput: 'false',
          }),
        ),
      ],
      links: names.map((name): [string, string] => ['golfnew', name]),
      variables: FLOW_ID,
    }),
    working: /INSERT INTO chaos\.effects/,
    traces: () => names.map((name) => ({ operator: name, table: null, rows: 1 })),
  };
}
