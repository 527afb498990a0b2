import { Injectable, Logger } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared, WITHOUT_WAITING } from '../common/sql/prepared.js';
import { Together } from '../common/together.js';
import type { KillHandle } from '../data-sources/connectors/connector.js';
import { Controls } from '../data-sources/controls.js';
import { runTag } from './run-tag.js';
import type { Survivor } from './session-proof.js';
import type { OpenSession } from './stop-intent.js';

/** A session that was there when it was sent a cancel or a termination. Another server may have one of the same pid. */
export interface Hit {
  readonly runId: string;
  readonly pid: number;
  readonly backendStart: string;
}

/** What a kill came to. */
export interface Fired {
  /** Not on record yet: `record` does that. */
  readonly cancelled: readonly Hit[];
  /** Why a data source could not be reached; null when all of them were. */
  readonly missed: { readonly reason: unknown } | null;
}

const HITS = `unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS hit (run_id, pid, start)
    ON s.run_id = hit.run_id AND s.backend_pid = hit.pid AND s.backend_start = hit.start`;
// The receipt says what was done to a session even when nobody is left to tell how it took it.
const TERMINATED = {
  name: 'sessions-terminated',
  text: `UPDATE run_sessions SET ending = 'terminated'
    WHERE closed_at IS NULL AND id IN (SELECT s.id FROM run_sessions s JOIN ${HITS})`,
};
// A row that is locked is being acknowledged, or ended harder: that counts, and is not waited for.
const CANCELLED = {
  name: 'sessions-cancelled',
  text: `WITH ${WITHOUT_WAITING} UPDATE run_sessions SET ending = 'cancelled' FROM unhurried
    WHERE id IN (SELECT s.id FROM run_sessions s JOIN ${HITS}
      WHERE s.closed_at IS NULL AND s.ending IS NULL FOR NO KEY UPDATE OF s SKIP LOCKED)`,
};

/** Step 2 of the stop protocol: from any process, without knowing who opened the sessions. */
@Injectable()
export class SessionKills {
  private readonly logger = new Logger(SessionKills.name);
  /** Stops that take long do so together. */
  private readonly records = new Together<readonly Hit[], null>((all) => this.recordAll(all));

  constructor(
    private readonly orm: OrmDataSource,
    private readonly controls: Controls,
  ) {}

  /**
   * Sends each session of these runs one cancel or termination, if pid, start and tag still match (I7): one statement for all
   * that are in one place. Never throws: a data source that cannot be reached keeps nobody from the others.
   */
  async fire(
    runs: readonly { readonly runId: string; readonly sessions: readonly OpenSession[] }[],
    how: 'cancel' | 'terminate',
  ): Promise<Fired> {
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
    const cancelled = shots.flatMap((shot) => (shot.status === 'fulfilled' ? shot.value : []));
    return { cancelled, missed: shots.find((shot) => shot.status === 'rejected') ?? null };
  }

  /** Terminates sessions of a run that a look has found. @throws ConnectionFailed */
  async end(runId: string, survivors: readonly Survivor[]): Promise<void> {
    const hits = await Promise.all(
      survivors.map(async ({ control, handle }) =>
        (await control.terminate(handle)) ? [{ ...handle, runId }] : [],
      ),
    );
    await this.write(TERMINATED, hits.flat());
  }

  /** For a receipt that is written before the worker has said how its sessions ended. */
  async record(cancelled: readonly Hit[]): Promise<void> {
    if (cancelled.length > 0) await this.records.ask(cancelled);
  }

  private async fireAt(
    targets: readonly Target[],
    how: 'cancel' | 'terminate',
  ): Promise<readonly Hit[]> {
    const [first] = targets;
    if (first === undefined) return [];
    const control = await this.controls.of(first.databaseId, first.accountId);
    const pids = await (how === 'cancel'
      ? control.cancelAll(targets)
      : control.terminateAll(targets));
    this.logger.debug({ message: `${how} sent`, backendPids: pids });
    const hits = targets.filter(({ pid }) => pids.includes(pid));
    if (how === 'cancel') return hits;
    await this.write(TERMINATED, hits);
    return [];
  }

  private async recordAll(all: readonly (readonly Hit[])[]): Promise<null[]> {
    await this.write(CANCELLED, all.flat());
    return all.map(() => null);
  }

  private async write(record: typeof TERMINATED, hits: readonly Hit[]): Promise<void> {
    if (hits.length === 0) return;
    await queryPrepared(this.orm, record, [
      hits.map(({ runId }) => runId),
      hits.map(({ pid }) => pid),
      hits.map(({ backendStart }) => backendStart),
    ]);
  }
}

interface Target extends KillHandle, Hit {
  readonly databaseId: number;
  readonly accountId: number;
}
