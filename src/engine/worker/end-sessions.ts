import { setTimeout as pause } from 'node:timers/promises';
import type { ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import { openingTag } from '../../runs/run-tag.js';
import type { SessionProof } from '../../runs/session-proof.js';
import type { RunSessions } from './run-sessions.js';

/** Between the first two looks for sessions that were told to end; then twice as long each time. */
const FIRST_LOOK_AGAIN_MS = 1;
/** Then no more, once the connections are closed. */
const LAST_LOOK_MS = 64;

/**
 * Ends the sessions of a run; false when one is still there after its connection was closed or given up. A server takes
 * a session off its list once its transaction and locks are gone; that its process has gone too, which closes the
 * connection, takes some milliseconds more and proves nothing more (ADR 15).
 * @throws ConnectionFailed when a data source cannot be asked: then nothing is proven
 */
export async function endSessions(
  run: ClaimedRun,
  sessions: RunSessions,
  { proof, claims }: { readonly proof: SessionProof; readonly claims: RunClaims },
): Promise<boolean> {
  const { runId } = run;
  const connections = { closed: false };
  const closing = sessions.end().then(() => {
    connections.closed = true;
  });
  for (let pauseMs = FIRST_LOOK_AGAIN_MS; ; pauseMs *= 2) {
    const survivors = await proof.survivors(runId, sessions.places);
    if (survivors.length === 0) return true;
    if (connections.closed && pauseMs >= LAST_LOOK_MS) return false;
    // One whose opening was given up on this side has done nothing, and nobody here will end it.
    const unknown = survivors.filter(({ handle }) => handle.tag === openingTag(runId));
    if (unknown.length > 0 && (await claims.isLatest(run)))
      await Promise.all(unknown.map(({ control, handle }) => control.terminate(handle)));
    const pausing = pause(pauseMs, undefined, { ref: false });
    await (connections.closed ? pausing : Promise.race([closing, pausing]));
  }
}
