import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../users/user.entity.js';
import type { RunError } from './run-ending.js';
import type { RunSnapshot } from './run-snapshot.js';
import type { RunStatus } from './run-status.js';
import type { StopReceipt } from './stop-receipt.js';

/** One execution of a workflow. Its id is the process id of the wire. Moves go through src/runs alone. */
@Entity('runs')
@Check(
  'runs_status_check',
  `status IN ('queued', 'running', 'stopping', 'stopped', 'succeeded', 'failed')`,
)
@Check('runs_origin_check', `origin IN ('manual', 'api')`)
@Check('runs_stop_check', `status <> 'stopping' OR stop_requested_at IS NOT NULL`)
@Check('runs_stopped_check', `status <> 'stopped' OR stop_receipt IS NOT NULL`)
@Check(
  'runs_ended_check',
  `(ended_at IS NOT NULL) = (status IN ('stopped', 'succeeded', 'failed'))`,
)
@Index('runs_active_workfile_id_key', ['workfileId'], {
  unique: true,
  where: "status IN ('queued', 'running', 'stopping')",
})
@Index('runs_workfile_id_queued_at_idx', { synchronize: false })
@Index('runs_requested_by_started_at_idx', ['requestedBy', 'startedAt'])
@Index('runs_queued_at_idx', ['queuedAt'], { where: "status = 'queued'" })
@Index('runs_lease_until_idx', ['leaseUntil'], { where: "status = 'running'" })
@Index('runs_stopping_idx', ['stopRequestedAt'], { where: "status = 'stopping'" })
export class Run {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'runs_pkey' })
  id!: string;

  @Column({ name: 'workfile_id', type: 'integer' })
  @ForeignKey('Workfile', { name: 'runs_workfile_id_fkey' })
  workfileId!: number;

  @Column({ name: 'requested_by', type: 'integer' })
  @ForeignKey(() => User, { name: 'runs_requested_by_fkey' })
  requestedBy!: number;

  @Column({ name: 'request_id', type: 'varchar', length: 255, nullable: true })
  requestId!: string | null;

  @Column({ type: 'varchar', length: 16, default: 'queued' })
  status!: RunStatus;

  @Column({ type: 'jsonb', select: false })
  snapshot!: RunSnapshot;

  /** Of the snapshot's locations. */
  @Column({ name: 'data_source_ids', type: 'integer', array: true, default: () => "'{}'" })
  dataSourceIds!: number[];

  /** Who asks for runs: a person on the web API, or a program on the engine's. */
  @Column({ type: 'varchar', length: 8, default: 'manual' })
  origin!: 'manual' | 'api';

  /** False: its results are not offered afterwards. */
  @Column({ name: 'save_result', type: 'boolean', default: true })
  saveResult!: boolean;

  /** In the order of execution; null until a worker has planned the flow. */
  @Column({ name: 'operator_names', type: 'text', nullable: true, array: true })
  operatorNames!: string[] | null;

  @Column({ name: 'queued_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  queuedAt!: Date;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** Raised by every claim: what an earlier owner still sends is refused. */
  @Column({ type: 'integer', default: 0 })
  epoch!: number;

  @Column({ name: 'worker_id', type: 'varchar', length: 128, nullable: true })
  workerId!: string | null;

  /** Renewed by the worker; past this moment it has lost the run. */
  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  /** How often a worker vanished with it. */
  @Column({ name: 'workers_lost', type: 'integer', default: 0 })
  workersLost!: number;

  @Column({ name: 'stop_requested_at', type: 'timestamptz', nullable: true })
  stopRequestedAt!: Date | null;

  @Column({ name: 'stop_requested_by', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'runs_stop_requested_by_fkey' })
  stopRequestedBy!: number | null;

  @Column({ name: 'stop_reason', type: 'text', nullable: true })
  stopReason!: string | null;

  @Column({ name: 'stop_first_kill_at', type: 'timestamptz', nullable: true })
  stopFirstKillAt!: Date | null;

  /** What stands in the way of a stop that is not confirmed yet. */
  @Column({ name: 'stop_last_error', type: 'text', nullable: true })
  stopLastError!: string | null;

  /** Since when it does. */
  @Column({ name: 'stop_error_since', type: 'timestamptz', nullable: true })
  stopErrorSince!: Date | null;

  /** Sessions are terminated at once instead of being cancelled first. */
  @Column({ name: 'stop_forced', type: 'boolean', default: false })
  stopForced!: boolean;

  /** Until then some process drives the stop. */
  @Column({ name: 'stop_driven_until', type: 'timestamptz', nullable: true })
  stopDrivenUntil!: Date | null;

  @Column({ name: 'stop_receipt', type: 'jsonb', nullable: true })
  stopReceipt!: StopReceipt | null;

  @Column({ type: 'jsonb', nullable: true })
  error!: RunError | null;
}
