import {
  ConnectionFailed,
  ConnectionLost,
  StatementFailed,
} from '../../data-sources/connectors/connector.js';
import type { ClaimedRun } from '../../runs/run-claims.js';
import type { RunError } from '../../runs/run-ending.js';
import { RunFenced } from '../../runs/run-fenced.js';
import type { SessionEnding } from '../../runs/session-ledger.js';
import type { StepError, StepLedger } from '../../runs/step-ledger.js';
import {
  type FlowPlan,
  OperatorFailed,
  type PlannedOperator,
  type Relation,
} from '../flow-plan.js';
import { BEGIN, COMMIT, OperatorExecution } from './operator-execution.js';
import type { OwnedSession, RunSessions } from './run-sessions.js';

// PostgreSQL: query_canceled, admin_shutdown, crash_shutdown.
const INTERRUPTED: Readonly<Record<string, SessionEnding>> = {
  '57014': 'cancelled',
  '57P01': 'terminated',
  '57P02': 'gone',
};

/** Runs the operators of one flow in their order, each in a transaction of its own (architecture.md D8). */
export class Execution {
  private readonly relations = new Map<number, Relation>();

  constructor(
    private readonly run: ClaimedRun,
    private readonly plan: FlowPlan,
    private readonly sessions: RunSessions,
    private readonly steps: StepLedger,
  ) {}

  /**
   * Goes on until all operators are done, one fails, or the run is no longer ours. Sessions stay open: ending them is
   * the caller's. How it went is in the steps; an error is also returned, for the run.
   * @throws RunFenced when the run was stopped
   */
  async perform(signal: AbortSignal): Promise<RunError | null> {
    for (const operator of this.plan.operators) {
      if (signal.aborted) throw new RunFenced();
      const error = await this.execute(operator);
      if (error !== null) return error;
    }
    return null;
  }

  private async execute(operator: PlannedOperator): Promise<RunError | null> {
    let owned: OwnedSession;
    try {
      owned = await this.sessions.of(operator.databaseId);
    } catch (error) {
      if (!(error instanceof ConnectionFailed)) throw error;
      return { message: error.message, operator: operator.name, sqlstate: error.sqlstate };
    }
    const { session } = owned;
    const stepId = await this.steps.begin(this.run, { ...operator, sessionId: owned.id });
    const execution = new OperatorExecution(operator, session);
    try {
      await session.execute(BEGIN);
      const { relation, rowCount } = await execution.perform(this.inputsOf(operator));
      const { statements } = execution;
      await this.steps.finish(this.run, stepId, { rowCount, statements }, async () => {
        await session.execute(COMMIT);
      });
      if (relation !== null) this.relations.set(operator.position, relation);
      return null;
    } catch (error) {
      return await this.ended(operator, owned, stepId, execution, error);
    }
  }

  /** Decides what an operator's end means: its own failure, or the stop's doing. @throws RunFenced */
  private async ended(
    operator: PlannedOperator,
    owned: OwnedSession,
    stepId: number,
    execution: OperatorExecution,
    cause: unknown,
  ): Promise<RunError> {
    const { ending, ...error } = describe(cause);
    owned.ending = ending;
    // An interrupted session is of no more use: it goes while the step is recorded, for the stop waits for both.
    const closing = error.interrupted ? owned.session.close() : undefined;
    const status = await this.steps.end(stepId, error, execution.statements);
    await closing;
    if (status === 'rolled_back') throw new RunFenced();
    return { message: error.message, operator: operator.name, sqlstate: error.sqlstate };
  }

  private inputsOf(operator: PlannedOperator): Relation[] {
    return operator.inputs.flatMap((position) => this.relations.get(position) ?? []);
  }
}

/** @throws what is no operator's doing, e.g. a lost metadata database */
function describe(error: unknown): StepError & { ending: SessionEnding } {
  if (error instanceof StatementFailed) {
    const { message, sqlstate } = error;
    const ending = INTERRUPTED[sqlstate];
    return { message, sqlstate, interrupted: ending !== undefined, ending: ending ?? 'closed' };
  }
  if (error instanceof ConnectionLost)
    return { message: error.message, sqlstate: null, interrupted: true, ending: 'gone' };
  if (error instanceof RunFenced)
    return { message: error.message, sqlstate: null, interrupted: true, ending: 'closed' };
  if (error instanceof OperatorFailed)
    return { message: error.message, sqlstate: null, interrupted: false, ending: 'closed' };
  throw error;
}
