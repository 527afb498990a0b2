import type { RunStatus } from '../../runs/run-status.js';
import type { Progress, StartedRun } from './engine-runs.service.js';

// Clients compare whole bodies, the line end included (engine-api.md 2.2, 2.3).
export const OVER = 'Workflow not started or already stopped.\n';
export const UNKNOWN_PROCESS = 'invalid processID or workflow already stopped.\n';
const FLOW_STOPPED = 'Flow stopped.\n';
const NOT_STOPPED = 'Flow could not be stopped.\n';
const UNKNOWN_STOP = 'Invalid processId or Workflow already stopped.\n';

/** JSON with the line end of the original. */
function line(body: object): string {
  return `${JSON.stringify(body)}\n`;
}

export function startedAnswer({ runId, workfileId, userId }: StartedRun): string {
  return line({
    meta: {
      workflowId: String(workfileId),
      processId: runId,
      user: String(userId),
      state: 'STARTED',
    },
    message: 'workflow started',
    results: '',
  });
}

/** JSON while the run goes on, text when it is over: clients tell the two apart by that. */
export function queryAnswer(runId: string, progress: Progress | null): string {
  if (progress === null) return UNKNOWN_PROCESS;
  const { status, error, workfileId, requestedBy } = progress;
  if (status === 'failed') return `Workflow failed: ${firstLine(error?.message ?? 'unknown')}\n`;
  if (isOver(status)) return OVER;
  const { state, message, node } = stateOf(progress);
  return line({
    meta: { workflowId: String(workfileId), processId: runId, user: String(requestedBy), state },
    ...(node && { nodeInfo: node }),
    message,
    results: '',
  });
}

/** @param confirmed null: no such run; false: the stop was accepted, and it is not proven yet that nothing is left */
export function stopAnswer(confirmed: boolean | null): string {
  if (confirmed === null) return line({ status: UNKNOWN_STOP });
  if (confirmed) return line({ status: FLOW_STOPPED });
  const message =
    'The stop was accepted and goes on; nothing further starts. Query until it is over.';
  return line({ status: NOT_STOPPED, message });
}

interface NodeState {
  readonly state: 'STARTED' | 'NODE_STARTED' | 'IN_PROGRESS' | 'NODE_FINISHED';
  readonly message: string;
  readonly node: { readonly nodeId: string; readonly nodeName: string } | null;
}

function stateOf({ status, latest }: Progress): NodeState {
  if (status === 'stopping') return { state: 'IN_PROGRESS', message: 'stopping', node: null };
  if (status === 'queued' || latest === null)
    return { state: 'STARTED', message: 'workflow started', node: null };
  const { type, data } = latest;
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
  if (type === 'log')
    return { state: 'IN_PROGRESS', message: `${text('operator')}: ${text('message')}`, node: null };
  const node = { nodeId: text('uuid'), nodeName: text('name') };
  return type === 'operator_started'
    ? { state: 'NODE_STARTED', message: ' started running...', node }
    : { state: 'NODE_FINISHED', message: ' finished running...', node };
}

function isOver(status: RunStatus): boolean {
  return status === 'succeeded' || status === 'stopped' || status === 'failed';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
