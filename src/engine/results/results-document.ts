import type { RunError } from '../../runs/run-ending.js';
import type { RunEventType } from '../../runs/run-event.entity.js';
import type { RunStatus } from '../../runs/run-status.js';
import type { Report } from '../operators/report.js';
import { OPERATORS } from '../operators/operator-catalogue.js';
import { outputOf, type ResultOutput } from './result-output.js';

/** A run as its results document needs it. */
export interface RunRecord {
  readonly id: string;
  readonly workfileId: number;
  readonly flowName: string;
  readonly requestedBy: number;
  readonly status: RunStatus;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly error: RunError | null;
  /** In the plan's order; of each operator the latest attempt. */
  readonly steps: readonly StepRecord[];
  /** In the order in which they happened. */
  readonly events: readonly EventRecord[];
}

export interface StepRecord {
  readonly name: string;
  readonly type: string;
  readonly status: 'running' | 'finished' | 'rolled_back' | 'failed';
  readonly position: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly report: Report | null;
  readonly statements: readonly string[];
  readonly databaseUrl: string;
  readonly databaseUser: string;
}

export interface EventRecord {
  readonly at: Date;
  readonly type: RunEventType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** engine-api.md 3; key order as recorded. */
export interface ResultsDocument {
  readonly flowMetaInfo: Readonly<Record<string, string | number>>;
  readonly outputs: readonly ResultOutput[];
  readonly logs: readonly Readonly<Record<string, string>>[];
}

const STATUS: Readonly<Partial<Record<RunStatus, string>>> = {
  succeeded: 'SUCCESS',
  failed: 'FAILED',
  stopped: 'STOPPED',
};
const SOURCE = 'Table Source';
// Doubles near the milliseconds of these decades are so far apart.
const ID_STEP = 1 / 4096;

/** Derived from what was committed before the run was reported over: it cannot contradict it, and cannot be missing. */
export function resultsDocument(run: RunRecord): ResultsDocument {
  const finished = run.steps.filter(({ status }) => status === 'finished');
  const failed = run.steps.filter(({ status }) => status === 'failed').length;
  const nextId = idsFrom(run.startedAt ?? run.queuedAt);
  return {
    flowMetaInfo: {
      workflowId: String(run.workfileId),
      workflowName: run.flowName,
      processId: run.id,
      executeUser: String(run.requestedBy),
      startTime: offsetTime(run.startedAt ?? run.queuedAt),
      endTime: offsetTime(run.endedAt ?? run.queuedAt),
      status: STATUS[run.status] ?? 'FAILED',
      noOfNodesProcessed: finished.length,
      noOfError: run.status === 'failed' ? Math.max(1, failed) : failed,
    },
    outputs: finished.flatMap((step) =>
      step.report === null ? [] : [outputElement(step, step.report, nextId)],
    ),
    logs: logsOf(run),
  };
}

/** Epoch milliseconds, each with the next fraction: no two of a document are the same. */
function idsFrom(start: Date): () => number {
  let count = 0;
  return () => {
    count += 1;
    return start.getTime() + count * ID_STEP;
  };
}

function outputElement(step: StepRecord, report: Report, nextId: () => number): ResultOutput {
  const withoutInfo = report.kind === 'composite' && report.withoutNodeInfo === true;
  return outputOf(step.name, report, nextId, withoutInfo ? null : nodeInfo(step, report));
}

/** Labels verbatim, with their blanks. */
function nodeInfo(step: StepRecord, report: Report): (readonly [string, string])[] {
  const kind = OPERATORS.find(({ title }) => title === step.type);
  return [
    ['Node name:', step.name],
    ['Algorithm name: ', kind?.algorithm ?? step.type],
    ['Algorithm description: ', kind?.description ?? ''],
    ['Executing start from: ', printedTime(step.startedAt)],
    ['Executing end to: ', printedTime(step.endedAt ?? step.startedAt)],
    ...(step.type === SOURCE && report.kind === 'table'
      ? ([
          ['Database URL', step.databaseUrl],
          ['TableName', report.table ?? ''],
          ['Database User Name', step.databaseUser],
        ] as const)
      : []),
  ];
}

function logsOf(run: RunRecord): Record<string, string>[] {
  const statementsOf = new Map(run.steps.map(({ name, statements }) => [name, statements]));
  const logs = run.events.flatMap((event) => entriesOf(event, statementsOf));
  const { error } = run;
  if (error !== null && error.operator === null)
    logs.push(
      entry(run.endedAt ?? run.queuedAt, null, 'Workflow failed.', 'process_error', error.message),
    );
  // An operator that could not even begin has no step to tell of it.
  else if (error !== null && !run.steps.some(({ status }) => status === 'failed'))
    logs.push(
      entry(run.endedAt ?? run.queuedAt, error.operator, 'failed.', 'process_error', error.message),
    );
  if (run.endedAt !== null)
    logs.push(entry(run.endedAt, null, `Workflow ${run.status}.`, 'process_end'));
  return logs;
}

/** Two for an operator, one for each of its statements, and what it said on the way. */
function entriesOf(
  { at, type, data }: EventRecord,
  statementsOf: ReadonlyMap<string, readonly string[]>,
): Record<string, string>[] {
  const name = text(data['name'] ?? data['operator']);
  if (type === 'operator_started')
    return [entry(at, name, `${name} started running...`, 'node_start')];
  if (type === 'log') {
    const code = data['level'] === 'warning' ? 'bad_data' : 'progress';
    return [entry(at, name, text(data['message']), code)];
  }
  if (type !== 'operator_finished') return [];
  const statements = statementsOf.get(name) ?? [];
  const sql = statements.map((statement) => entry(at, name, statement, 'sql_log'));
  if (data['status'] === 'finished')
    return [
      ...sql,
      entry(at, name, `${name} finished in ${text(data['milliseconds'])} ms.`, 'node_end'),
    ];
  if (data['status'] === 'rolled_back')
    return [...sql, entry(at, name, `${name} was rolled back.`, 'node_end')];
  const sqlstate = data['sqlstate'] === null ? '' : ` (SQLSTATE ${text(data['sqlstate'])})`;
  return [
    ...sql,
    entry(at, name, `${name} failed.`, 'process_error', text(data['error']) + sqlstate),
  ];
}

/** What is not known is the text "null". */
function entry(
  at: Date,
  nodeName: string | null,
  logmessage: string,
  message: string,
  errMessage: string | null = null,
): Record<string, string> {
  return {
    dateTime: printedTime(at),
    nodeName: nodeName ?? 'null',
    logmessage,
    message,
    errMessage: errMessage ?? 'null',
  };
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

/** `2017-04-25T15:00:35.178+0000`. */
function offsetTime(time: Date): string {
  return time.toISOString().replace('Z', '+0000');
}

const PRINTED = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** `Jan 20, 2017 3:19:11 PM`, UTC. */
function printedTime(time: Date): string {
  return PRINTED.format(time)
    .replace(/, (?=\d+:)/, ' ')
    .replace(/\u202f/g, ' ');
}
