import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../../users/user.entity.js';
import { DataSourceAccount } from '../data-source-account.entity.js';
import { Database } from '../database.entity.js';
import { Dataset } from '../dataset.entity.js';

export type CancelReason =
  'asked' | 'client_gone' | 'timeout' | 'revoked' | 'shutdown' | 'orphaned';
/** `unknown`: the connection was lost while the data source committed. */
export type SqlOutcome = 'committed' | 'rolled_back' | 'unknown' | 'never_started';

/** An ad-hoc SQL text or a preview, and the kill handle of its one session. It has ended when no session is left. */
@Entity('sql_executions')
@Check(
  'sql_executions_cancel_reason_check',
  `cancel_reason IN ('asked', 'client_gone', 'timeout', 'revoked', 'shutdown', 'orphaned')`,
)
@Check(
  'sql_executions_outcome_check',
  `outcome IN ('committed', 'rolled_back', 'unknown', 'never_started')`,
)
@Check('sql_executions_about_check', `num_nonnulls(workfile_id, dataset_id) = 1`)
@Check('sql_executions_cancel_check', `(cancel_requested_at IS NULL) = (cancel_reason IS NULL)`)
@Check('sql_executions_ended_check', `(ended_at IS NULL) = (outcome IS NULL)`)
@Index('sql_executions_active_check_id_key', ['userId', 'checkId'], {
  unique: true,
  where: 'ended_at IS NULL',
})
@Index('sql_executions_check_id_idx', ['userId', 'checkId', 'startedAt'])
@Index('sql_executions_active_idx', ['leaseUntil'], { where: 'ended_at IS NULL' })
@Index('sql_executions_account_id_idx', ['accountId'])
@Index('sql_executions_ended_at_idx', ['endedAt'])
export class SqlExecution {
  /** Also in its session's tag, `fermata-sql:<id>`. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sql_executions_pkey' })
  id!: string;

  /** The client's name for it, unique among his active ones. */
  @Column({ name: 'check_id', type: 'varchar', length: 255 })
  checkId!: string;

  @Column({ name: 'user_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'sql_executions_user_id_fkey' })
  userId!: number;

  @Column({ name: 'workfile_id', type: 'integer', nullable: true })
  @ForeignKey('Workfile', { name: 'sql_executions_workfile_id_fkey' })
  workfileId!: number | null;

  @Column({ name: 'dataset_id', type: 'integer', nullable: true })
  @ForeignKey(() => Dataset, { name: 'sql_executions_dataset_id_fkey' })
  datasetId!: number | null;

  @Column({ name: 'database_id', type: 'integer' })
  @ForeignKey(() => Database, { name: 'sql_executions_database_id_fkey' })
  databaseId!: number;

  @Column({ name: 'account_id', type: 'integer' })
  @ForeignKey(() => DataSourceAccount, { name: 'sql_executions_account_id_fkey' })
  accountId!: number;

  /** The process that serves the request. */
  @Column({ name: 'process_id', type: 'varchar', length: 128 })
  processId!: string;

  /** Past this moment the process counts as dead, and any other ends what it left. */
  @Column({ name: 'lease_until', type: 'timestamptz' })
  leaseUntil!: Date;

  @Column({ name: 'backend_pid', type: 'integer', nullable: true })
  backendPid!: number | null;

  @Column({ name: 'backend_start', type: 'timestamptz', nullable: true })
  backendStart!: Date | null;

  /** Number of the data source's role that opened it; null on record of earlier versions. */
  @Column({ name: 'backend_role', type: 'bigint', nullable: true })
  backendRole!: string | null;

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  startedAt!: Date;

  @Column({ name: 'cancel_requested_at', type: 'timestamptz', nullable: true })
  cancelRequestedAt!: Date | null;

  /** Null: nobody, something happened. */
  @Column({ name: 'cancel_requested_by', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'sql_executions_cancel_requested_by_fkey' })
  cancelRequestedBy!: number | null;

  @Column({ name: 'cancel_reason', type: 'varchar', length: 16, nullable: true })
  cancelReason!: CancelReason | null;

  /** What stands in the way of its end, for as long as it does. */
  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'varchar', length: 16, nullable: true })
  outcome!: SqlOutcome | null;
}
