import type { Asking } from '../access/asking.js';

/** What a message is answered with: HTTP's envelope, and what HTTP says in status line and headers. */
export interface MessageAnswer<T> {
  readonly status: number;
  readonly response: T;
  /** The run that a run or stop was about; HTTP's `Location`. Null when nothing was active. */
  readonly run_id?: string | null;
  readonly request_id: string;
}

export function answered<T>(
  status: number,
  response: T,
  { requestId }: Asking,
  runId?: string | null,
): MessageAnswer<T> {
  return {
    status,
    response,
    ...(runId !== undefined && { run_id: runId }),
    request_id: requestId,
  };
}
