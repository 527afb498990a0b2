import type { Observer, SeenSession } from './observer.js';
import type { Answer, TestClient } from './test-client.js';
import { until } from './wait.js';

export const ALPINE_FLOW = 1_000_004;
export const GOLF_FLOW = 1_000_005;

/** The heavy statement of the documented workflow, unlike the look-ups before it. */
export const AT_WORK = /JOIN "demo"/;

/** Starts a workfile. @returns the path of its run */
export async function startRun(client: TestClient, workfileId: number): Promise<string> {
  const answer = await client.post(`/api/workfiles/${workfileId}/run`);
  if (answer.status !== 202) throw new Error(`run: ${answer.status} ${answer.text}`);
  return answer.headers.get('location') ?? '';
}

/** Waits until a run's SQL is seen at work in the data source. */
export function seenWorking(
  observer: Observer,
  runPath: string,
  sql: RegExp,
): Promise<SeenSession> {
  const tag = `fermata:${runPath.split('/').at(-1) ?? ''}`;
  return until(`SQL of ${runPath} at work`, async () =>
    (await observer.tagged()).find(
      (session) => session.tag === tag && session.state === 'active' && sql.test(session.query),
    ),
  );
}

/** Waits for a final state. */
export function runEnded(client: TestClient, runPath: string): Promise<Answer['response']> {
  return until(`end of ${runPath}`, async () => {
    const { response } = await client.get(runPath);
    return ['stopped', 'succeeded', 'failed'].includes(response.status) ? response : null;
  });
}
