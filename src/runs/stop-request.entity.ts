import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Run } from './run.entity.js';

/** One accepted wish to stop a run: the audit trail. How it came out is the run's `stopReceipt`. */
@Entity('stop_requests')
@Index('stop_requests_run_id_idx', ['runId'])
@Index('stop_requests_requested_at_idx', ['requestedAt'])
export class StopRequest {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'stop_requests_pkey',
  })
  id!: string;

  @Column({ name: 'run_id', type: 'uuid' })
  @ForeignKey(() => Run, { name: 'stop_requests_run_id_fkey', onDelete: 'CASCADE' })
  runId!: string;

  @Column({ name: 'requested_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  requestedAt!: Date;

  /** User; null when the server itself stops the run, e.g. at its time limit. */
  @Column({ name: 'requested_by', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'stop_requests_requested_by_fkey' })
  requestedBy!: number | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  /** Network address of the request. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  address!: string | null;

  @Column({ name: 'request_id', type: 'varchar', length: 255, nullable: true })
  requestId!: string | null;

  @Column({ type: 'boolean', default: false })
  forced!: boolean;
}
