import type { ApiSession } from '../demo/api-session.js';
import type { SessionObserver } from '../demo/session-observer.js';
import { runTag } from '../runs/run-tag.js';

export interface StopSample {
  /** Run request sent → the run's first session seen at work, ms. */
  readonly firstStatement: number;
  /** Stop request sent → its statement no longer seen, ms. */
  readonly sqlDead: number;
  /** Stop request sent → the answer read, ms. */
  readonly answered: number;
  /** What the answer said. */
  readonly status: string;
  /** Tagged sessions seen right behind the answer. */
  readonly left: number;
  /** The SQL that was running. */
  readonly statement: string;
}

/** Two, because the first one is busy until the statement is dead, which may be after the answer. */
export interface Observers {
  readonly dying: SessionObserver;
  readonly answered: SessionObserver;
}

/** The statement of the demo's flow that takes its time: a join that keeps a core busy. */
export const LONG_JOIN = /JOIN "demo"/;

/**
 * Runs the workfile, waits until its long statement is at work, stops it; all times by the observer's own looks.
 *
 * @param working matches that statement
 */
export async function sampleStop(
  session: ApiSession,
  observers: Observers,
  workfile: string,
  working = LONG_JOIN,
): Promise<StopSample> {
  const runAt = performance.now();
  const run = await session.call('POST', `${workfile}/run`);
  if (run.status !== 202) throw new Error(`run was answered with ${run.status}`);
  const tag = runTag((run.headers.location ?? '').split('/').at(-1) ?? '');
  let firstStatement = 0;
  let statement = '';
  let pid = 0;
  while (statement === '') {
    const seen = await observers.dying.sessions(tag);
    await pause(1);
    if (seen.length > 0) firstStatement ||= performance.now() - runAt;
    const atWork = seen.find(({ state, query }) => state === 'active' && working.test(query));
    if (atWork !== undefined) ({ pid, query: statement } = atWork);
  }
  // Let the statement get well under way: a cancel during planning is another, easier case.
  await pause(20);

  const stopAt = performance.now();
  const dead = observers.dying.untilDead(tag, pid).then(() => performance.now() - stopAt);
  const answering = session.call('POST', `${workfile}/stop`).then(async (answer) => {
    // What the answer says is compared with what is there now, not with what is there when the statement is dead.
    return { answer, left: (await observers.answered.sessions(tag)).length };
  });
  const [{ answer, left }, sqlDead] = await Promise.all([answering, dead]);
  const status = String(answer.body['status']);
  return { firstStatement, sqlDead, answered: answer.ms, status, left, statement };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
