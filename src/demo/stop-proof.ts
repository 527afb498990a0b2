import type { ApiAnswer } from './api-session.js';

type Document = ApiAnswer['body'];

export interface Relation {
  readonly schema: string;
  readonly table: string;
}

interface Step {
  readonly name: string;
  readonly status: string;
  readonly output: Relation | null;
}

interface Receipt {
  readonly outcome: string;
  readonly operators: { readonly rolled_back: readonly string[] } | null;
}

/** What the demo has seen of a stop. */
export interface Seen {
  readonly answer: Pick<ApiAnswer, 'status' | 'body'>;
  /** The run as it is shown afterwards. */
  readonly run: Document;
  /** Sessions of the run that are left. */
  readonly sessions: number;
  /** Those of `interruptedOutputs` that are there all the same. */
  readonly outputs: readonly Relation[];
}

/** What the operators that a stop has interrupted would have left. */
export function interruptedOutputs(run: Document): Relation[] {
  return rolledBack(run).flatMap(({ output }) => (output === null ? [] : [output]));
}

/** What speaks against the proof; nothing when it holds. What could not be looked at proves nothing. */
export function doubts({ answer, run, sessions, outputs }: Seen): string[] {
  const found: string[] = [];
  if (answer.status !== 202) found.push(`the stop was answered with ${answer.status}`);
  const { status } = answer.body;
  if (status !== 'idle') found.push(`the answer says that the workfile is ${quoted(status)}`);
  if (sessions > 0) found.push('sessions of the run are left');
  if (interruptedOutputs(run).length === 0)
    found.push('no output of an interrupted operator could be looked for');
  for (const { table } of outputs) found.push(`${table} is there, and was rolled back`);
  return [...found, ...doubtsOfReceipt(run)];
}

function doubtsOfReceipt(run: Document): string[] {
  const receipt = (run['stop_receipt'] ?? null) as Receipt | null;
  if (receipt === null) return ['there is no receipt'];
  const found: string[] = [];
  if (receipt.outcome !== 'stopped' || run['status'] !== 'stopped')
    found.push(`the receipt says ${quoted(receipt.outcome)}, and the run ${quoted(run['status'])}`);
  const said = listed(receipt.operators?.rolled_back ?? []);
  const seen = listed(rolledBack(run).map(({ name }) => name));
  if (said !== seen) found.push(`the receipt calls ${said} rolled back, and the run ${seen}`);
  return found;
}

function rolledBack(run: Document): Step[] {
  const steps = (run['steps'] ?? []) as readonly Step[];
  return steps.filter(({ status }) => status === 'rolled_back');
}

function listed(names: readonly string[]): string {
  return [...names].sort().join(', ') || 'nothing';
}

function quoted(word: unknown): string {
  return JSON.stringify(word);
}
