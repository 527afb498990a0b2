import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { ConnectionTargets } from '../../data-sources/connection-targets.js';
import { ConnectorRegistry } from '../../data-sources/connectors/connector-registry.js';
import { Controls } from '../../data-sources/controls.js';
import { type ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import { RunEnding, type RunError } from '../../runs/run-ending.js';
import { RunLog } from '../../runs/run-log.js';
import { RunFenced } from '../../runs/run-fenced.js';
import { RunSignals } from '../../runs/run-signals.js';
import { SessionLedger } from '../../runs/session-ledger.js';
import { SessionProof } from '../../runs/session-proof.js';
import { StepLedger } from '../../runs/step-ledger.js';
import { StopDriver } from '../../runs/stop-driver.js';
import { FlowInvalid } from '../flow-plan.js';
import { planFlow } from '../plan-flow.js';
import { Execution } from './execution.js';
import { RunSessions } from './run-sessions.js';

interface Active {
  readonly controller: AbortController;
  readonly sessions: RunSessions;
  readonly done: Promise<void>;
}

const SHUT_DOWN: RunError = {
  message: 'the server was shut down while the run was under way',
  operator: null,
  sqlstate: null,
};

/** Executes claimed runs in this process and ends them: nothing of a run outlives its final state here. */
@Injectable()
export class RunExecutor {
  private readonly logger = new Logger(RunExecutor.name);
  private readonly runs = new Map<string, Active>();

  constructor(
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly controls: Controls,
    private readonly ledger: SessionLedger,
    private readonly steps: StepLedger,
    private readonly log: RunLog,
    private readonly claims: RunClaims,
    private readonly signals: RunSignals,
    private readonly driver: StopDriver,
    private readonly proof: SessionProof,
    private readonly ending: RunEnding,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** Ids of the runs under way here. */
  get active(): string[] {
    return [...this.runs.keys()];
  }

  /** Never throws: how the run ended is in its row. */
  async execute(run: ClaimedRun): Promise<void> {
    const { targets, connectors, controls, ledger } = this;
    const sessions = new RunSessions(run, { targets, connectors, controls, ledger });
    const controller = new AbortController();
    const unwatch = this.signals.watch(run.runId, (status) => {
      if (status === 'stopping') this.abort(run.runId);
    });
    const done = this.perform(run, sessions, controller.signal).finally(() => {
      unwatch();
      this.runs.delete(run.runId);
    });
    this.runs.set(run.runId, { controller, sessions, done });
    await done;
  }

  /** Cuts off every run under way here, for a process that must go. */
  async abandon(): Promise<void> {
    const all = [...this.runs.values()];
    for (const { controller } of all) controller.abort(SHUT_DOWN);
    const hardAt = performance.now() + this.config.stopTerminateAfterMs;
    const kill = () => {
      const how = performance.now() < hardAt ? 'cancel' : 'terminate';
      for (const { sessions } of all) sessions.kill(how).catch(() => undefined);
    };
    kill();
    const repeating = setInterval(kill, this.config.stopRepeatMs);
    await Promise.all(all.map(({ done }) => done));
    clearInterval(repeating);
  }

  /** Step 2' of the stop protocol; the driver repeats and escalates. */
  private abort(runId: string): void {
    const active = this.runs.get(runId);
    if (active === undefined || active.controller.signal.aborted) return;
    active.controller.abort();
    active.sessions.kill('cancel').catch((error: unknown) => {
      this.logger.warn({ message: `cancel failed: ${(error as Error).message}`, runId });
    });
    void this.driver.drive({ runId, status: 'stopping', sessions: [] });
  }

  private async perform(
    run: ClaimedRun,
    sessions: RunSessions,
    signal: AbortSignal,
  ): Promise<void> {
    let error: RunError | null = null;
    try {
      error = await this.flow(run, sessions, signal);
    } catch (cause) {
      error = this.unforeseen(run, signal, cause);
    }
    if (signal.reason === SHUT_DOWN && error !== null) error = SHUT_DOWN;
    try {
      await sessions.end();
      const [survivors] = await Promise.all([
        this.proof.survivors(run.runId, sessions.places),
        sessions.acknowledge(),
      ]);
      // Otherwise the stop driver goes on until there is nothing left.
      if (survivors.length === 0) await this.ending.end(run.runId, error);
    } catch (cause) {
      this.logger.error({ message: 'run not ended', runId: run.runId, error: cause });
    }
  }

  private async flow(
    run: ClaimedRun,
    sessions: RunSessions,
    signal: AbortSignal,
  ): Promise<RunError | null> {
    const plan = planFlow(run.snapshot);
    await this.claims.planned(
      run,
      plan.operators.map(({ name }) => name),
    );
    const { steps, log } = this;
    const { operatorConcurrency: concurrency, stopRepeatMs: repeatMs } = this.config;
    return new Execution(run, plan, { sessions, steps, log, concurrency, repeatMs }).perform(
      signal,
    );
  }

  private unforeseen(run: ClaimedRun, signal: AbortSignal, cause: unknown): RunError | null {
    if (cause instanceof RunFenced) return signal.reason === SHUT_DOWN ? SHUT_DOWN : null;
    if (cause instanceof FlowInvalid)
      return { message: cause.message, operator: null, sqlstate: null };
    this.logger.error({ message: 'run failed unexpectedly', runId: run.runId, error: cause });
    return { message: (cause as Error).message, operator: null, sqlstate: null };
  }
}
