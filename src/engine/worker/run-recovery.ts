import { Inject, Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { type ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import type { RunError } from '../../runs/run-ending.js';
import { RunFenced, RunGivenBack } from '../../runs/run-fenced.js';
import { RunLog } from '../../runs/run-log.js';
import { SessionLedger } from '../../runs/session-ledger.js';
import { SessionProof, type Survivor } from '../../runs/session-proof.js';
import { StepOutcomes } from '../../runs/step-outcomes.js';
import type { FlowPlan } from '../flow-plan.js';
import type { Delivery } from '../operators/delivery.js';

interface EarlierStep extends Record<string, unknown> {
  position: number;
  name: string;
  status: 'running' | 'finished' | 'rolled_back' | 'failed';
  delivery: Delivery | null;
  message: string | null;
  sqlstate: string | null;
}

/** What takes longer keeps no other run from this worker. */
const PATIENCE_MS = 5000;
/** Between two looks at a data source that cannot be asked. */
const LOOK_AGAIN_MS = 1000;

/** The room that a worker has for a run. */
export interface Room {
  /** It is only waited for something: another run may have the room. */
  leave(): void;
  /** False when others have it by now. */
  comeBack(): boolean;
}

/** How far earlier workers of a run have come. */
export interface Progress {
  /** By position: what finished operators have delivered. */
  readonly deliveries: Map<number, Delivery>;
  /** Why the run cannot go on. */
  readonly error: RunError | null;
}

const STEPS = {
  name: 'run-earlier-steps',
  text: `SELECT DISTINCT ON (position) position, operator_name AS name, status, delivery, error_message AS message,
      error_sqlstate AS sqlstate
    FROM run_steps WHERE run_id = $1 ORDER BY position, epoch DESC`,
};

/** Takes up a run that another worker has left (architecture.md D9). */
@Injectable()
export class RunRecovery {
  private readonly logger = new Logger(RunRecovery.name);

  constructor(
    private readonly orm: OrmDataSource,
    private readonly claims: RunClaims,
    private readonly proof: SessionProof,
    private readonly ledger: SessionLedger,
    private readonly outcomes: StepOutcomes,
    private readonly log: RunLog,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * Says where to go on: what is finished is not done again. After `clear`.
   */
  async takeUp(run: ClaimedRun, plan: FlowPlan): Promise<Progress> {
    const { runId, epoch, workersLost } = run;
    const progress = await this.progress(run, plan);
    if (progress.error === null) {
      const left = plan.operators.length - progress.deliveries.size;
      const message = `taken up by another worker, ${left} of ${plan.operators.length} operators to go`;
      await this.log.write(runId, { operator: null, level: 'warning', message });
      this.logger.warn({ message: 'run taken up', runId, epoch, workersLost, left });
    }
    return progress;
  }

  /**
   * Ends what is left of the earlier worker, and decides the operators it was at. Waits for a data source that cannot be
   * reached.
   * @param room left when it does so, or takes long otherwise
   * @returns an error when a data source cannot tell what became of an operator
   * @throws RunFenced when the signal aborts, or another worker has taken the run up; RunGivenBack when it cannot come back
   */
  async clear(run: ClaimedRun, room: Room, signal: AbortSignal): Promise<RunError | null> {
    const { runId, epoch } = run;
    const state = { told: '', waits: false };
    const wait = () => {
      if (!state.waits) room.leave();
      state.waits = true;
    };
    const end = async (some: readonly Survivor[]) => {
      if (!(await this.claims.isLatest(run))) throw new RunFenced();
      await Promise.all(some.map(({ control, handle }) => control.terminate(handle)));
    };
    const patience = setTimeout(wait, PATIENCE_MS);
    try {
      while (!signal.aborted) {
        let pauseMs = this.config.stopRepeatMs;
        try {
          const places = await this.proof.places(runId);
          const survivors = await this.proof.survivors(runId, places, end);
          if (survivors.length === 0) {
            if (state.waits && !room.comeBack()) throw new RunGivenBack();
            state.waits = false;
            await this.ledger.gone(runId, epoch);
            return await this.outcomes.decide(runId, epoch);
          }
        } catch (error) {
          if (error instanceof RunFenced) throw error;
          wait();
          pauseMs = LOOK_AGAIN_MS;
          const { message } = error as Error;
          if (message !== state.told)
            await this.log.write(runId, { operator: null, level: 'warning', message });
          state.told = message;
        }
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
      throw new RunFenced();
    } finally {
      clearTimeout(patience);
    }
  }

  private async progress({ runId, workersLost }: ClaimedRun, plan: FlowPlan): Promise<Progress> {
    const deliveries = new Map<number, Delivery>();
    const stop = (
      message: string,
      operator: string | null = null,
      sqlstate: string | null = null,
    ) => ({
      deliveries,
      error: { message, operator, sqlstate },
    });
    if (workersLost > this.config.runResumeLimit)
      return stop(
        `its worker, or the answer to a COMMIT, was lost ${workersLost} times; it is not taken up again`,
      );
    for (const step of await queryPrepared<EarlierStep>(this.orm, STEPS, [runId])) {
      const { position, name, status, delivery, message, sqlstate } = step;
      const operator = plan.operators[position];
      if (operator?.name !== name)
        return stop('the server reads the workflow differently since an update; run it again');
      if (status === 'failed') return stop(message ?? 'failed', name, sqlstate);
      if (status !== 'finished') continue;
      if (delivery !== null) deliveries.set(position, delivery);
      // Committed, but what it delivered died with its worker: done once more, where that is the same.
      else if (!operator.repeatable)
        return stop('it took effect, but its result was lost with its worker', name);
    }
    return { deliveries, error: null };
  }
}
