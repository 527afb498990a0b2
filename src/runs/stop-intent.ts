import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { isConnectionLost } from '../common/sql/connection-lost.js';
import { type Prepared, queryPrepared } from '../common/sql/prepared.js';
import { LANES, Together } from '../common/together.js';
import type { StopRuns } from './commands/stop-runs.command.js';
import { StopWish, type StopWorkflow } from './commands/stop-workflow.command.js';
import { STOPS_WHAT_RUNS_SECONDS } from './place-gone.js';
import type { RunStatus } from './run-status.js';
import { AT_ONCE, OVERDUE, PLACE_GONE, WAITING } from './stop-intent-statements.js';

/** Reasons of stops in nobody's name. */
export const TIMEOUT = 'timeout';
export const ITS_PLACE_IS_GONE = 'its place is gone';

/** Where a session of a run is, and what ends it. */
export interface OpenSession {
  readonly databaseId: number;
  readonly accountId: number;
  /** Null while the session is being opened. */
  readonly pid: number | null;
  readonly backendStart: string | null;
}

export interface StopIntent {
  readonly runId: string;
  readonly workfileId: number;
  readonly status: RunStatus;
  readonly forced: boolean;
  readonly sessions: readonly OpenSession[];
}

/** A wish with what it is about: a workfile or a run, or seconds that are over. */
interface Aimed {
  readonly wish: StopWish;
  readonly number: number | null;
  readonly runId: string | null;
}

interface IntentRow extends Record<string, unknown>, StopIntent {
  /** Which of the wishes: index from 0. */
  readonly place: number;
  /** There is such a run, but it was left out: its row is locked. */
  readonly busy: boolean;
}

/** Step 1 of the stop protocol: the wish to stop, committed. After the return no operator takes effect any more (I2). */
@Injectable()
export class StopIntents {
  /** Wishes that come while others are being committed are committed together: a storm of stops is a few commits. */
  private readonly wishes = new Together<Aimed, StopIntent | 'busy' | null>(
    (all) => this.commitTogether(all),
    LANES,
  );

  constructor(private readonly orm: OrmDataSource) {}

  /** Null when the workfile has no active run. */
  async commit(command: StopWorkflow): Promise<StopIntent | null> {
    const aimed = { wish: command, number: command.workfileId, runId: command.runId };
    try {
      const found = await this.wishes.ask(aimed);
      if (found !== 'busy') return found;
    } catch (error) {
      if (isConnectionLost(error)) throw error;
      // It may be the fault of another wish.
    }
    const [row] = await this.ask(WAITING.workfile, [aimed]);
    return intentOf(row);
  }

  /** Those of the runs that were active. */
  async commitAll({ runIds, ...wish }: StopRuns): Promise<readonly StopIntent[]> {
    const aims = runIds.map((runId) => ({ wish, number: null, runId }));
    const rows = await this.ask(AT_ONCE.run, aims);
    const busy = rows.filter((row) => row.busy).map(({ place }) => aims[place] as Aimed);
    const inTurn = await Promise.all(busy.map((aimed) => this.ask(WAITING.run, [aimed])));
    return [...rows, ...inTurn.flat()].flatMap((row) => intentOf(row) ?? []);
  }

  /** Runs that have been executed for longer than they may be. */
  commitOverdue(timeoutSeconds: number): Promise<readonly StopIntent[]> {
    return this.commitNobodys(OVERDUE, TIMEOUT, timeoutSeconds);
  }

  /** Runs whose place was archived or deleted by somebody who has not stopped them since. */
  commitPlaceGone(): Promise<readonly StopIntent[]> {
    return this.commitNobodys(PLACE_GONE, ITS_PLACE_IS_GONE, STOPS_WHAT_RUNS_SECONDS);
  }

  private async commitNobodys(
    statement: Prepared,
    reason: string,
    seconds: number,
  ): Promise<readonly StopIntent[]> {
    const wish = new StopWish(null, { reason });
    const rows = await this.ask(statement, [{ wish, number: seconds, runId: null }]);
    return rows.flatMap((row) => intentOf(row) ?? []);
  }

  private async commitTogether(all: readonly Aimed[]): Promise<(StopIntent | 'busy' | null)[]> {
    const rows = await this.ask(AT_ONCE.workfile, all);
    const byPlace = new Map(rows.map((row) => [row.place, row]));
    return all.map((_, place) => {
      const row = byPlace.get(place);
      return row?.busy === true ? 'busy' : intentOf(row);
    });
  }

  private ask(statement: Prepared, aims: readonly Aimed[]): Promise<IntentRow[]> {
    return queryPrepared<IntentRow>(this.orm, statement, [
      aims.map(({ wish }) => wish.requestedBy),
      aims.map(({ wish }) => wish.reason),
      aims.map(({ wish }) => wish.address),
      aims.map(({ wish }) => wish.requestId),
      aims.map(({ wish }) => wish.force),
      aims.map(({ number }) => number),
      aims.map(({ runId }) => runId),
    ]);
  }
}

function intentOf(row: IntentRow | undefined): StopIntent | null {
  // Of a wish that found nothing there is an empty row.
  if ((row?.runId ?? null) === null) return null;
  const { runId, workfileId, status, forced, sessions } = row as IntentRow;
  return { runId, workfileId, status, forced, sessions };
}
