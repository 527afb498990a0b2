import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { RejectedAccounts } from '../../data-sources/accounts/rejected-accounts.js';
import { ConnectionTargets } from '../../data-sources/connection-targets.js';
import { ConnectorRegistry } from '../../data-sources/connectors/connector-registry.js';
import { Controls } from '../../data-sources/controls.js';
import { ExportLedger } from '../../runs/export-ledger.js';
import { type ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import { RunEnding, type RunError } from '../../runs/run-ending.js';
import { OutcomeUnknown, RunFenced, RunGivenBack } from '../../runs/run-fenced.js';
import { RunLog } from '../../runs/run-log.js';
import { RunSignals } from '../../runs/run-signals.js';
import { ACTIVE, type RunStatus } from '../../runs/run-status.js';
import { SessionLedger } from '../../runs/session-ledger.js';
import { SessionProof } from '../../runs/session-proof.js';
import { StepOutcomes } from '../../runs/step-outcomes.js';
import { StepLedger } from '../../runs/step-ledger.js';
import { StopDriver } from '../../runs/stop-driver.js';
import { FlowInvalid } from '../flow-plan.js';
import type { Delivery } from '../operators/delivery.js';
import { planFlow } from '../plan-flow.js';
import { endSessions } from './end-sessions.js';
import { Execution } from './execution.js';
import { isMetadataLost } from './operator-ending.js';
import { type Room, RunRecovery } from './run-recovery.js';
import { RunSessions } from './run-sessions.js';

/** How long a worker leaves the kill of a stop to the process that took it. */
const OWN_KILL_MS = 10;
/** What does not end although its session was terminated so long ago has no connection that works. */
const LET_GO_MS = 3000;
/** Why nobody has recorded what became of an operator. */
const CUT_OFF = 'the answer to its COMMIT was lost';
/** Why a run is cut off here. */
type Cut =
  /** Somebody asked for it: it ends once the data source is empty. */
  | 'stop'
  /** This process must go: another worker takes it up. */
  | 'hand over'
  /** It is not ours any more, or may not be for long: another worker takes it up, or has done so. */
  | 'lost';

interface Active {
  readonly run: ClaimedRun;
  readonly controller: AbortController;
  readonly sessions: RunSessions;
  readonly done: Promise<void>;
}

/** Executes claimed runs in this process and ends them: nothing of a run outlives its final state here. */
@Injectable()
export class RunExecutor {
  private readonly logger = new Logger(RunExecutor.name);
  private readonly runs = new Map<string, Active>();

  constructor(
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly controls: Controls,
    private readonly rejected: RejectedAccounts,
    private readonly ledger: SessionLedger,
    private readonly steps: StepLedger,
    private readonly log: RunLog,
    private readonly exports: ExportLedger,
    private readonly claims: RunClaims,
    private readonly recovery: RunRecovery,
    private readonly signals: RunSignals,
    private readonly driver: StopDriver,
    private readonly proof: SessionProof,
    private readonly outcomes: StepOutcomes,
    private readonly ending: RunEnding,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The runs under way here. */
  get active(): ClaimedRun[] {
    return [...this.runs.values()].map(({ run }) => run);
  }

  /**
   * Never throws: how the run ended is in its row.
   * @param room left while there is only a data source to wait for
   */
  async execute(run: ClaimedRun, room: Room): Promise<void> {
    // A run this process had lost is not taken up by it before what it left is over; should it come all the same, it waits.
    for (let earlier = this.runs.get(run.runId); earlier; earlier = this.runs.get(run.runId))
      await earlier.done;
    const { targets, connectors, controls, rejected, ledger } = this;
    const sessions = new RunSessions(run, { targets, connectors, controls, rejected, ledger });
    const controller = new AbortController();
    const unwatch = this.signals.watch(run.runId, (status, forced) => {
      this.heard(run, status, forced);
    });
    const done = this.perform(run, sessions, room, controller.signal).finally(() => {
      unwatch();
      this.runs.delete(run.runId);
    });
    this.runs.set(run.runId, { run, controller, sessions, done });
    await done;
  }

  /** Resolves when no run is under way here, or when the signal aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
    while (this.runs.size > 0 && !signal.aborted)
      await Promise.race([aborted, ...[...this.runs.values()].map(({ done }) => done)]);
  }

  /** Cuts off every run under way here and leaves it to another worker. */
  async handOver(): Promise<void> {
    await Promise.all([...this.runs.values()].map((active) => this.cutOff(active, 'hand over')));
  }

  /** Cuts off a run whose lease is lost or about to be: nothing of it may go on here. */
  async lose(runId: string): Promise<void> {
    const active = this.runs.get(runId);
    if (active !== undefined) await this.cutOff(active, 'lost');
  }

  /** Lets go of sessions that the data sources do not have any more. */
  async letGoOfLostSessions(): Promise<void> {
    await Promise.allSettled([...this.runs.values()].map(({ sessions }) => sessions.letGoOfLost()));
  }

  private heard({ runId }: ClaimedRun, status: RunStatus, forced: boolean): void {
    const active = this.runs.get(runId);
    if (active === undefined) return;
    if (status === 'stopping') this.abort(active, forced);
    // It was confirmed without us: whatever we still wait for will not come.
    else if (!ACTIVE.includes(status)) active.sessions.destroy();
  }

  /** Step 2' of the stop protocol; the driver repeats and escalates. */
  private abort({ run: { runId }, controller, sessions }: Active, forced: boolean): void {
    if (controller.signal.aborted) return;
    controller.abort('stop' satisfies Cut);
    // Whoever took the stop has killed what was at work then; this is for what was sent a moment later, or if nobody did.
    setTimeout(() => {
      if (!this.runs.has(runId)) return;
      sessions.kill(forced ? 'terminate' : 'cancel').catch((error: unknown) => {
        this.logger.warn({ message: `kill failed: ${(error as Error).message}`, runId });
      });
    }, OWN_KILL_MS);
    void this.driver.drive(runId, Promise.resolve());
  }

  private async cutOff({ run, controller, sessions, done }: Active, why: Cut): Promise<void> {
    const { signal } = controller;
    if (signal.aborted && signal.reason !== ('stop' satisfies Cut)) return done;
    this.logger.warn({ message: `run cut off: ${why}`, runId: run.runId, epoch: run.epoch });
    controller.abort(why);
    const hardAt = performance.now() + this.config.stopTerminateAfterMs;
    const kill = () => {
      const lateMs = performance.now() - hardAt;
      // Nothing arrives there any more: whoever takes the run up, or drives its stop, ends what is left.
      if (lateMs > LET_GO_MS) sessions.destroy();
      else sessions.kill(lateMs < 0 ? 'cancel' : 'terminate').catch(() => undefined);
    };
    kill();
    const repeating = setInterval(kill, this.config.stopRepeatMs);
    await done;
    clearInterval(repeating);
  }

  private async perform(
    run: ClaimedRun,
    sessions: RunSessions,
    room: Room,
    signal: AbortSignal,
  ): Promise<void> {
    const { runId, epoch } = run;
    const { proof, claims } = this;
    let error: RunError | null = null;
    let leaves = false;
    let undecided = false;
    let givenBack = false;
    let isUnforeseen = false;
    try {
      error = await this.flow(run, sessions, room, signal);
    } catch (cause) {
      undecided = cause instanceof OutcomeUnknown;
      // Without the metadata database it is no reason to fail the run: another worker, or this one, goes on with it.
      givenBack = cause instanceof RunGivenBack;
      leaves = undecided || givenBack || isMetadataLost(cause);
      isUnforeseen = !undecided && !(cause instanceof RunFenced);
      if (isUnforeseen) error = this.unforeseen(run, cause);
    }
    leaves ||=
      signal.reason === ('hand over' satisfies Cut) || signal.reason === ('lost' satisfies Cut);
    try {
      // Whoever drives its stop, or takes it up, goes on until there is nothing left.
      if (!(await endSessions(run, sessions, { proof, claims }))) return;
      if (undecided) error = await this.outcomes.decide(runId, epoch, CUT_OFF);
      // The operator that it came from has recorded nothing, and may even have taken effect.
      else if (isUnforeseen && !leaves)
        error = (await this.outcomes.decide(runId, epoch, error?.message)) ?? error;
      const ended = await this.ending.end(
        runId,
        leaves && !undecided ? null : error,
        leaves ? null : epoch,
        sessions.endings,
      );
      const handsOver = signal.reason === ('hand over' satisfies Cut);
      if (ended === null && (undecided || givenBack || handsOver))
        await claims.release(run, { isLoss: undecided && !handsOver });
      else if (ended === null && signal.reason !== 'stop')
        this.logger.warn({ message: 'run left to whoever takes it up', runId, epoch });
    } catch (cause) {
      this.logger.error({ message: 'run not ended', runId, error: cause });
    }
  }

  private unforeseen({ runId }: ClaimedRun, cause: unknown): RunError {
    if (!(cause instanceof FlowInvalid))
      this.logger.error({ message: 'run failed unexpectedly', runId, error: cause });
    return { message: (cause as Error).message, operator: null, sqlstate: null };
  }

  private async flow(
    run: ClaimedRun,
    sessions: RunSessions,
    room: Room,
    signal: AbortSignal,
  ): Promise<RunError | null> {
    const isTakenOver = run.epoch > 1;
    const undecided = isTakenOver ? await this.recovery.clear(run, room, signal) : null;
    if (undecided !== null) return undecided;
    const plan = planFlow(run.snapshot);
    await this.claims.planned(
      run,
      plan.operators.map(({ name }) => name),
    );
    let deliveries = new Map<number, Delivery>();
    if (isTakenOver) {
      const progress = await this.recovery.takeUp(run, plan);
      if (progress.error !== null) return progress.error;
      ({ deliveries } = progress);
    }
    const { steps, log, exports } = this;
    const { exportLimitBytes } = this.config;
    const { operatorConcurrency: concurrency, stopRepeatMs: repeatMs } = this.config;
    const parts = { sessions, steps, log, exports, exportLimitBytes, concurrency, repeatMs };
    return new Execution(run, plan, parts, deliveries).perform(signal);
  }
}
