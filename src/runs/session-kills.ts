import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import { Controls } from '../data-sources/controls.js';
import { runTag } from './run-tag.js';
import type { OpenSession } from './stop-intent.js';

// The receipt says what was done to a session even when nobody is left to tell how it took it.
const TERMINATED = {
  name: 'sessions-terminated',
  text: `UPDATE run_sessions SET ending = 'terminated'
    WHERE run_id = $1 AND backend_pid = ANY ($2::int[]) AND closed_at IS NULL`,
};

/** Step 2 of the stop protocol: from any process, without knowing who opened the sessions. */
@Injectable()
export class SessionKills {
  private readonly logger = new Logger(SessionKills.name);

  constructor(
    private readonly orm: OrmDataSource,
    private readonly controls: Controls,
  ) {}

  /**
   * Sends each session one cancel or termination, if pid, start and tag still match (I7).
   * @throws ConnectionFailed when a data source cannot be reached; the others have been served by then
   */
  async fire(
    runId: string,
    sessions: readonly OpenSession[],
    how: 'cancel' | 'terminate',
  ): Promise<void> {
    const tag = runTag(runId);
    const shots = await Promise.allSettled(
      sessions.map(async ({ databaseId, accountId, pid, backendStart }) => {
        if (pid === null || backendStart === null) return null;
        const control = await this.controls.of(databaseId, accountId);
        const hit = await control[how]({ pid, backendStart, tag });
        this.logger.debug({ message: `${how} sent`, runId, backendPid: pid, hit });
        return hit ? pid : null;
      }),
    );
    const hits = shots.flatMap((shot) =>
      shot.status === 'fulfilled' && shot.value !== null ? [shot.value] : [],
    );
    if (how === 'terminate' && hits.length > 0)
      await queryPrepared(this.orm, TERMINATED, [runId, hits]);
    const missed = shots.find((shot) => shot.status === 'rejected');
    if (missed !== undefined) throw missed.reason;
  }
}
