import { Injectable } from '@nestjs/common';
import type { PoolClient, QueryConfig } from 'pg';
import { DataSource as OrmDataSource } from 'typeorm';
import { settledWithin } from '../common/settled-within.js';
import { onOneConnection, queryPrepared, WITHOUT_WAITING } from '../common/sql/prepared.js';
import { FROZEN_MS, GATE_MS, type OpenTransaction, READY_MS } from '../data-sources/commit-gate.js';
import type { ClaimedRun } from './run-claims.js';
import { RunFenced } from './run-fenced.js';

export interface StartingStep {
  readonly sessionId: number;
  /** Of its transaction in the data source; null when it stores nothing. */
  readonly transactionId: string | null;
  readonly position: number;
  readonly uuid: string;
  readonly name: string;
  readonly type: string;
  readonly output: {
    readonly schema: string;
    readonly table: string;
    readonly kind: 'TABLE' | 'VIEW';
  } | null;
}

export interface StepResult {
  /** Rows the operator stored; null when it stored none (view, table source). */
  readonly rowCount: number | null;
  /** The SQL it executed, in order. */
  readonly statements: readonly string[];
  /** What later operators take from it, and what the results document shows: JSON, the engine's own. */
  readonly delivery: object;
  readonly report: object;
}

export interface StepError {
  readonly message: string;
  readonly sqlstate: string | null;
  /** True when the statement was cut off from outside, which is no failure if a stop was asked for. */
  readonly interrupted: boolean;
  /** True when it was given up because another operator of the run had failed. */
  readonly abandoned: boolean;
}

const OPEN_GATE = `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}; SET LOCAL fermata.gate = 'open'`;

const RUNNING = `SELECT id FROM runs WHERE id = $1 AND epoch = $2 AND status = 'running' FOR SHARE`;
const BEGIN = {
  name: 'step-begin',
  // The beginning of an operator that stores nothing need not wait for the disk: what is lost of it with a crash of the metadata
  // server is done again, and the session's kill handle was committed with full durability before. What stores something takes
  // effect in the data source before the next commit here: a receipt must know of it (I9).
  text: `WITH r AS (${RUNNING}), eased AS (
      SELECT set_config('synchronous_commit', 'off', true) FROM r WHERE $11::bigint IS NULL)
    INSERT INTO run_steps (run_id, epoch, session_id, position, operator_uuid, operator_name, operator_type,
      output_schema, output_table, output_kind, data_transaction_id)
    SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM r LEFT JOIN eased ON true
    RETURNING id::int`,
};
const RESULT = 'row_count = $2, statements = $3, delivery = $4, report = $5';
const FINISH = {
  name: 'step-finish',
  text: `UPDATE run_steps SET status = 'finished', ended_at = clock_timestamp(), ${RESULT}
    WHERE id = $1 AND status = 'running'`,
};
// It is sent before the answer to the gate's opening is there: where that failed, it finds no gate and does nothing. What
// cannot be stored shows here, before anything is committed. The status stays: with that comes an event, for which those of
// one run take turns until they commit, and they would wait for each other's data source.
const GATE = {
  name: 'step-gate',
  text: `WITH r AS (SELECT id FROM runs WHERE id = $6 AND epoch = $7 AND status = 'running'
        AND current_setting('fermata.gate', true) = 'open' FOR SHARE)
    UPDATE run_steps SET ${RESULT} FROM r
    WHERE run_steps.id = $1 AND run_steps.status = 'running' RETURNING run_steps.id`,
};
// Behind the gate's UPDATE, in the same transaction.
const PASSED = {
  name: 'step-passed',
  text: `UPDATE run_steps SET status = 'finished', ended_at = clock_timestamp() WHERE id = $1 AND status = 'running'`,
};
const PREPARE = {
  name: 'step-prepare',
  text: `WITH r AS (SELECT id FROM runs WHERE id = $6 AND epoch = $7 AND status = 'running' FOR SHARE)
    UPDATE run_steps SET ${RESULT} FROM r
    WHERE run_steps.id = $1 AND run_steps.status = 'running' RETURNING run_steps.id`,
};
const END = {
  name: 'step-end',
  text: `WITH ${WITHOUT_WAITING} UPDATE run_steps SET ended_at = clock_timestamp(), error_message = $2, error_sqlstate = $3, statements = $5,
      status = CASE WHEN $6 OR ($4 AND (runs.status <> 'running' OR runs.epoch <> run_steps.epoch)) THEN 'rolled_back'
        ELSE 'failed' END
    FROM unhurried, runs WHERE run_steps.id = $1 AND runs.id = run_steps.run_id AND run_steps.status = 'running'
    RETURNING run_steps.status`,
};

/** What became of each operator, and the two fences around it (architecture.md 4). */
@Injectable()
export class StepLedger {
  constructor(private readonly orm: OrmDataSource) {}

  /** The fence before an operator: its row is committed before its SQL is sent. @throws RunFenced */
  async begin(run: ClaimedRun, step: StartingStep): Promise<number> {
    const { sessionId, transactionId, position, uuid, name, type, output } = step;
    const place = [output?.schema, output?.table, output?.kind].map((part) => part ?? null);
    const values = [
      run.runId,
      run.epoch,
      sessionId,
      position,
      uuid,
      name,
      type,
      ...place,
      transactionId,
    ];
    const [row] = await queryPrepared<{ id: number }>(this.orm, BEGIN, values);
    if (row === undefined) throw new RunFenced();
    return row.id;
  }

  /**
   * Keeps what an operator has made before it takes effect: for one that must not be done twice, so that it needs not be
   * when its worker is lost at the moment of the commit. @throws RunFenced
   */
  async prepare(run: ClaimedRun, stepId: number, result: StepResult): Promise<void> {
    const values = [...valuesOf(stepId, result), run.runId, run.epoch];
    const rows = await queryPrepared(this.orm, PREPARE, values);
    if (rows.length === 0) throw new RunFenced();
  }

  /**
   * The fence behind an operator. The run's row stays locked while the data source commits: a stop is accepted either
   * before, and then nothing is committed, or after, and then it finds the operator recorded as finished (I2, I9).
   * @throws RunFenced, nothing committed; or what `bind` or `commit` throws
   */
  async finish(
    run: ClaimedRun,
    stepId: number,
    result: StepResult,
    transaction: OpenTransaction,
  ): Promise<void> {
    const values = valuesOf(stepId, result);
    const passing = { ...GATE, values: [...values, run.runId, run.epoch] };
    const passed = { ...PASSED, values: [stepId] };
    for (;;) {
      const late = await onOneConnection(this.orm, (gate) =>
        passGate(gate, passing, passed, transaction),
      );
      if (late === null) return;
      await late.work;
      if (late.isCommit) break;
    }
    await queryPrepared(this.orm, FINISH, values);
  }

  /** Records an operator that did not finish; its transaction is rolled back by then. */
  async end(
    stepId: number,
    error: StepError,
    statements: readonly string[],
  ): Promise<'rolled_back' | 'failed'> {
    const { message, sqlstate, interrupted, abandoned } = error;
    const values = [stepId, message, sqlstate, interrupted, statements, abandoned];
    const rows = await queryPrepared<{ status: 'rolled_back' | 'failed' }>(this.orm, END, values);
    return rows[0]?.status ?? 'failed';
  }
}

/**
 * What the data source has not answered in the gate's time. It is waited for without the gate, and without its connection: stops
 * and all else need those, of which there are few.
 */
interface Late {
  readonly work: Promise<void>;
  /** False: nothing was committed, the gate is to be opened anew. */
  readonly isCommit: boolean;
}

/** @returns null when the step is committed and recorded. @throws RunFenced when the gate stays closed */
async function passGate(
  gate: PoolClient,
  passing: QueryConfig,
  passed: QueryConfig,
  { bind, commit }: OpenTransaction,
): Promise<Late | null> {
  const openedAt = performance.now();
  const opening = Promise.all([gate.query(OPEN_GATE), gate.query(passing)]);
  let bound = bind();
  bound.catch(() => undefined);
  // The data source would end a transaction that is kept waiting for its gate.
  while (!(await settledWithin(opening, READY_MS))) {
    bound = bound.then(bind);
    bound.catch(() => undefined);
  }
  const [, { rows }] = await opening;
  if (rows.length === 0) throw new RunFenced();
  const isBound = await settledWithin(bound, openedAt + READY_MS - performance.now());
  // Later the gate may be closed before the transaction is: the COMMIT would be sent behind it.
  if (!isBound || performance.now() - openedAt >= READY_MS) {
    await gate.query('ROLLBACK');
    return { work: bound, isCommit: false };
  }
  await bound;
  const committing = commit();
  if (!(await settledWithin(committing, openedAt + GATE_MS - performance.now()))) {
    await gate.query('ROLLBACK');
    return { work: committing, isCommit: true };
  }
  await committing;
  await Promise.all([gate.query(passed), gate.query('COMMIT')]);
  return null;
}

function valuesOf(stepId: number, result: StepResult): unknown[] {
  return [
    stepId,
    result.rowCount,
    result.statements,
    JSON.stringify(result.delivery),
    JSON.stringify(result.report),
  ];
}
