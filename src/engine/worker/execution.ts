import { ConnectionFailed } from '../../data-sources/connectors/connector.js';
import type { ExportLedger } from '../../runs/export-ledger.js';
import type { ClaimedRun } from '../../runs/run-claims.js';
import type { RunError } from '../../runs/run-ending.js';
import { OutcomeUnknown, RunFenced } from '../../runs/run-fenced.js';
import type { RunLog } from '../../runs/run-log.js';
import { COMMIT_WITHIN_MS } from '../../data-sources/commit-gate.js';
import type { StepLedger } from '../../runs/step-ledger.js';
import { type FlowPlan, inputsFrom, type PlannedOperator } from '../flow-plan.js';
import type { Delivery } from '../operators/delivery.js';
import { copyRows } from './copy-rows.js';
import { exportRows } from './export-rows.js';
import { ReadyOperators } from './ready-operators.js';
import { Abandoned, commit, describe, isMetadataLost, mustBeIn } from './operator-ending.js';
import { OperatorExecution } from './operator-execution.js';
import type { OwnedSession, RunSessions } from './run-sessions.js';

// What an operator hands over before its end is taken up after this time only: most end sooner, and a consumer that did not
// wait would need a session of its own.
const HANDED_OVER_MS = 50;

export interface ExecutionParts {
  readonly sessions: RunSessions;
  readonly steps: StepLedger;
  readonly log: RunLog;
  readonly exports: ExportLedger;
  /** Of one exported file. */
  readonly exportLimitBytes: number;
  /** Operators of this run that may be at work at once. */
  readonly concurrency: number;
  /** Pause between two cancels of operators that are given up. */
  readonly repeatMs: number;
}

/** A session in an operator's transaction. */
interface Begun {
  readonly owned: OwnedSession;
  /** Null when nobody will ask what became of it. */
  readonly transactionId: string | null;
  /** For the next operator, once it is committed. */
  readonly release: () => void;
}

/**
 * Runs the operators of one flow, producers first and independent branches side by side, each in a transaction of its
 * own (architecture.md D8).
 */
export class Execution {
  private readonly atWork = new Set<Promise<void>>();
  private readonly ready: ReadyOperators;
  private failure: RunError | null = null;
  private thrown: { readonly error: unknown } | null = null;
  /** What is still at work is being cut off. */
  private givenUp = false;

  constructor(
    private readonly run: ClaimedRun,
    plan: FlowPlan,
    private readonly parts: ExecutionParts,
    /** By position: what operators have delivered, those that an earlier worker of this run has finished included. */
    private readonly deliveries: Map<number, Delivery>,
  ) {
    this.ready = new ReadyOperators(plan, new Set(deliveries.keys()));
  }

  /**
   * Goes on until all operators are done, one fails, or the run is no longer ours; returns when none is at work.
   * Sessions stay open: ending them is the caller's. How it went is in the steps; the first error is also returned.
   * @throws RunFenced when the run was stopped or taken over, or the signal aborted; OutcomeUnknown
   */
  async perform(signal: AbortSignal): Promise<RunError | null> {
    this.startReady(signal);
    while (this.atWork.size > 0) await Promise.race(this.atWork);
    if (this.thrown !== null) throw this.thrown.error;
    if (signal.aborted) throw new RunFenced();
    return this.failure;
  }

  private startReady(signal: AbortSignal): void {
    const goesOn = () => !signal.aborted && this.failure === null && this.thrown === null;
    while (goesOn() && this.atWork.size < this.parts.concurrency) {
      const operator = this.ready.take();
      if (operator === null) break;
      this.start(operator, signal);
    }
  }

  private start(operator: PlannedOperator, signal: AbortSignal): void {
    const work = this.execute(operator, signal)
      .then(
        (error) => {
          if (error !== null) this.fail(error);
        },
        (error: unknown) => {
          if (error instanceof Abandoned) return;
          this.thrown ??= { error };
          // The others need not lose their work where the run goes on, or are cut off by whoever took it away.
          const goesOn = error instanceof OutcomeUnknown || isMetadataLost(error);
          if (!goesOn && !(error instanceof RunFenced)) this.giveUp();
        },
      )
      .finally(() => {
        this.atWork.delete(work);
        this.startReady(signal);
      });
    this.atWork.add(work);
  }

  /** Once what an operator delivers is there, those that take it begin, beside what is left to do and to record of it. */
  private deliver({ position }: PlannedOperator, delivery: Delivery, signal: AbortSignal): void {
    if (this.deliveries.has(position)) return;
    this.deliveries.set(position, delivery);
    this.ready.done(position);
    this.startReady(signal);
  }

  /** The first failure ends the run: what is still at work beside it is cut off. */
  private fail(error: RunError): void {
    this.failure ??= error;
    this.giveUp();
  }

  private giveUp(): void {
    if (this.givenUp) return;
    this.givenUp = true;
    const cut = () => {
      this.parts.sessions.kill('cancel').catch(() => undefined);
    };
    cut();
    const repeating = setInterval(() => {
      if (this.atWork.size === 0) clearInterval(repeating);
      else cut();
    }, this.parts.repeatMs);
  }

  private async execute(operator: PlannedOperator, signal: AbortSignal): Promise<RunError | null> {
    const identified = operator.outputs.length > 0 || !operator.repeatable;
    let begun: { readonly owned: OwnedSession; readonly begun: string | null };
    try {
      // An empty transaction is no work yet: it may open before the step is recorded.
      begun = await this.parts.sessions.begin(operator.databaseId, (session) =>
        session.begin(identified),
      );
    } catch (error) {
      return this.notBegun(operator, error, signal);
    }
    const { owned, begun: transactionId } = begun;
    let isHeld = true;
    const release = () => {
      if (isHeld) this.parts.sessions.release(owned);
      isHeld = false;
    };
    try {
      return await this.executeIn({ owned, transactionId, release }, operator, signal);
    } finally {
      release();
    }
  }

  private async executeIn(
    { owned, transactionId, release }: Begun,
    operator: PlannedOperator,
    signal: AbortSignal,
  ): Promise<RunError | null> {
    const { session } = owned;
    const { steps, log } = this.parts;
    const [output = null] = operator.outputs;
    const sessionId = owned.id;
    let handingOver: NodeJS.Timeout | undefined;
    const recorded = steps.begin(this.run, { ...operator, output, sessionId, transactionId });
    const execution = new OperatorExecution(operator, session, {
      recorded,
      tell: (line) => log.write(this.run.runId, line),
      deliver: (delivery) => {
        const handOver = () => {
          this.deliver(operator, delivery, signal);
        };
        handingOver = setTimeout(handOver, HANDED_OVER_MS);
      },
      copy: (request) => copyRows(this.parts, operator, session, request),
      export: async (request) =>
        exportRows(this.parts, { ...this.run, stepId: await recorded, operator }, owned, request),
    });
    try {
      const inputs = operator.inputs.flatMap((position) => this.deliveries.get(position) ?? []);
      const { delivery, report, rowCount } = await execution.perform(inputsFrom(inputs), () => {
        if (signal.aborted) throw new RunFenced();
        if (this.givenUp) throw new Abandoned('another operator failed');
      });
      const stepId = await recorded;
      const result = { rowCount, statements: execution.statements, delivery, report };
      if (!operator.repeatable) {
        await mustBeIn(transactionId, session, operator.name);
        await steps.prepare(this.run, stepId, result);
      }
      await steps.finish(this.run, stepId, result, {
        bind: async () => {
          if (transactionId !== null) await session.commitWithin(COMMIT_WITHIN_MS);
        },
        commit: async () => {
          await commit(session);
          release();
          this.deliver(operator, delivery, signal);
        },
      });
      return null;
    } catch (cause) {
      return await this.ended(operator, owned, await recorded, execution, { cause, signal });
    } finally {
      clearTimeout(handingOver);
    }
  }

  /** As `ended`, for one that has no transaction and no step. @throws RunFenced, Abandoned */
  private notBegun({ name }: PlannedOperator, cause: unknown, signal: AbortSignal): RunError {
    if (cause instanceof RunFenced) throw cause;
    if (cause instanceof ConnectionFailed)
      return { message: cause.message, operator: name, sqlstate: cause.sqlstate };
    const { message, sqlstate, interrupted } = describe(cause);
    if (interrupted && signal.aborted) throw new RunFenced();
    if (interrupted && this.givenUp) throw new Abandoned(message);
    return { message, operator: name, sqlstate };
  }

  /** Decides what an operator's end means: its own failure, or somebody else's doing. @throws RunFenced, Abandoned */
  private async ended(
    operator: PlannedOperator,
    owned: OwnedSession,
    stepId: number,
    execution: OperatorExecution,
    { cause, signal }: { readonly cause: unknown; readonly signal: AbortSignal },
  ): Promise<RunError> {
    if (cause instanceof OutcomeUnknown) {
      owned.ending = describe(cause.cause).ending;
      await owned.session.close();
      throw cause;
    }
    const { ending, ...error } = describe(cause);
    const abandoned = error.interrupted && (this.givenUp || signal.aborted);
    owned.ending = ending;
    // An interrupted session is of no more use: it goes while the step is recorded, for the stop waits for both.
    if (error.interrupted) void owned.session.close();
    const status = await this.parts.steps.end(
      stepId,
      { ...error, abandoned },
      execution.statements,
    );
    if (abandoned && !signal.aborted) throw new Abandoned(error.message);
    if (status === 'rolled_back') throw new RunFenced();
    return { message: error.message, operator: operator.name, sqlstate: error.sqlstate };
  }
}
