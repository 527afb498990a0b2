import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import type { KillHandle } from '../data-sources/connectors/connector.js';
import { Controls } from '../data-sources/controls.js';
import { runTag } from './run-tag.js';
import type { OpenSession } from './stop-intent.js';

// The receipt says what was done to a session even when nobody is left to tell how it took it.
const TERMINATED = {
  name: 'sessions-terminated',
  text: `UPDATE run_sessions SET ending = 'terminated'
    WHERE run_id = ANY ($1::uuid[]) AND backend_pid = ANY ($2::int[]) AND closed_at IS NULL`,
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
   * Sends each session of these runs one cancel or termination, if pid, start and tag still match (I7): one statement for all
   * that are in one place.
   * @throws ConnectionFailed when a data source cannot be reached; the others have been served by then
   */
  async fire(
    runs: readonly { readonly runId: string; readonly sessions: readonly OpenSession[] }[],
    how: 'cancel' | 'terminate',
  ): Promise<void> {
    const places = new Map<string, Target[]>();
    for (const { runId, sessions } of runs)
      for (const { databaseId, accountId, pid, backendStart } of sessions) {
        // One that is being opened is fenced before its first statement.
        if (pid === null || backendStart === null) continue;
        const key = `${databaseId} ${accountId}`;
        const target = { databaseId, accountId, runId, pid, backendStart, tag: runTag(runId) };
        places.set(key, [...(places.get(key) ?? []), target]);
      }
    const shots = await Promise.allSettled(
      [...places.values()].map((targets) => this.fireAt(targets, how)),
    );
    const missed = shots.find((shot) => shot.status === 'rejected');
    if (missed !== undefined) throw missed.reason;
  }

  private async fireAt(targets: readonly Target[], how: 'cancel' | 'terminate'): Promise<void> {
    const [first] = targets;
    if (first === undefined) return;
    const control = await this.controls.of(first.databaseId, first.accountId);
    const hits = await (how === 'cancel'
      ? control.cancelAll(targets)
      : control.terminateAll(targets));
    this.logger.debug({ message: `${how} sent`, backendPids: hits });
    if (how === 'cancel' || hits.length === 0) return;
    const runIds = [...new Set(targets.map(({ runId }) => runId))];
    await queryPrepared(this.orm, TERMINATED, [runIds, hits]);
  }
}

interface Target extends KillHandle {
  readonly runId: string;
  readonly databaseId: number;
  readonly accountId: number;
}
