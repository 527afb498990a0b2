/** The states of a run and the only moves between them (docs/architecture.md, life of a run; I3). */
export type RunStatus = 'queued' | 'running' | 'stopping' | 'stopped' | 'succeeded' | 'failed';

export const NEXT = {
  queued: ['running', 'stopped'],
  running: ['stopping', 'succeeded', 'failed'],
  stopping: ['stopped', 'succeeded', 'failed'],
  stopped: [],
  succeeded: [],
  failed: [],
} as const satisfies Record<RunStatus, readonly RunStatus[]>;

export const RUN_STATUSES = Object.keys(NEXT) as readonly RunStatus[];

/** A workfile with a run in one of these is not idle. */
export const ACTIVE = RUN_STATUSES.filter((status) => NEXT[status].length > 0);

export function canMove(from: RunStatus, to: RunStatus): boolean {
  return (NEXT[from] as readonly RunStatus[]).includes(to);
}

/** The states a run may be in for a move to `to` to be legal. */
export function sourcesOf(to: RunStatus): readonly RunStatus[] {
  return RUN_STATUSES.filter((from) => canMove(from, to));
}
