import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Run } from './run.entity.js';
import { RunSession } from './run-session.entity.js';

/** What became of one operator of a run. */
@Entity('run_steps')
@Check('run_steps_status_check', `status IN ('running', 'finished', 'rolled_back', 'failed')`)
@Check('run_steps_output_kind_check', `output_kind IN ('TABLE', 'VIEW')`)
@Unique('run_steps_run_id_epoch_position_key', ['runId', 'epoch', 'position'])
@Index('run_steps_session_id_idx', ['sessionId'])
export class RunStep {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'run_steps_pkey',
  })
  id!: string;

  @Column({ name: 'run_id', type: 'uuid' })
  @ForeignKey(() => Run, { name: 'run_steps_run_id_fkey', onDelete: 'CASCADE' })
  runId!: string;

  @Column({ name: 'session_id', type: 'bigint' })
  @ForeignKey(() => RunSession, { name: 'run_steps_session_id_fkey', onDelete: 'CASCADE' })
  sessionId!: string;

  @Column({ type: 'integer' })
  epoch!: number;

  @Column({ type: 'integer' })
  position!: number;

  @Column({ name: 'operator_uuid', type: 'varchar', length: 255 })
  operatorUuid!: string;

  @Column({ name: 'operator_name', type: 'text' })
  operatorName!: string;

  @Column({ name: 'operator_type', type: 'varchar', length: 64 })
  operatorType!: string;

  @Column({ type: 'varchar', length: 16, default: 'running' })
  status!: 'running' | 'finished' | 'rolled_back' | 'failed';

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  startedAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** Rows the operator stored; null when it stored none. */
  @Column({ name: 'row_count', type: 'bigint', nullable: true })
  rowCount!: string | null;

  @Column({ name: 'output_schema', type: 'varchar', length: 63, nullable: true })
  outputSchema!: string | null;

  @Column({ name: 'output_table', type: 'varchar', length: 63, nullable: true })
  outputTable!: string | null;

  @Column({ name: 'output_kind', type: 'varchar', length: 8, nullable: true })
  outputKind!: 'TABLE' | 'VIEW' | null;

  @Column({ type: 'text', default: () => "'{}'", array: true })
  statements!: string[];

  /** What later operators take from it; set when it has finished. */
  @Column({ type: 'jsonb', nullable: true, select: false })
  delivery!: object | null;

  /** What the results document shows of it; set when it has finished. */
  @Column({ type: 'jsonb', nullable: true, select: false })
  report!: object | null;

  /** Its transaction in the data source; null when it stores nothing. */
  @Column({ name: 'data_transaction_id', type: 'bigint', nullable: true, select: false })
  dataTransactionId!: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'error_sqlstate', type: 'char', length: 5, nullable: true })
  errorSqlstate!: string | null;
}
