import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Run } from './run.entity.js';

export type RunEventType =
  'state' | 'operator_started' | 'operator_finished' | 'log' | 'stop_confirmed';

/** What happened in a run, written by the database itself; `seq` counts from 1 without gaps. */
@Entity('run_events')
@Check(
  'run_events_type_check',
  `type IN ('state', 'operator_started', 'operator_finished', 'log', 'stop_confirmed')`,
)
export class RunEvent {
  @PrimaryColumn({ name: 'run_id', type: 'uuid', primaryKeyConstraintName: 'run_events_pkey' })
  @ForeignKey(() => Run, { name: 'run_events_run_id_fkey', onDelete: 'CASCADE' })
  runId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'run_events_pkey' })
  seq!: number;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  at!: Date;

  @Column({ type: 'varchar', length: 24 })
  type!: RunEventType;

  @Column({ type: 'jsonb' })
  data!: Readonly<Record<string, unknown>>;
}
