import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { DataSourceAccount } from '../data-sources/data-source-account.entity.js';
import { Database } from '../data-sources/database.entity.js';
import { Run } from './run.entity.js';

/** The kill handle of one database session of a run (architecture.md D6). */
@Entity('run_sessions')
@Check(
  'run_sessions_ending_check',
  `ending IN ('closed', 'cancelled', 'terminated', 'gone', 'never_opened', 'refused')`,
)
@Index('run_sessions_run_id_idx', ['runId'])
export class RunSession {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'run_sessions_pkey',
  })
  id!: string;

  @Column({ name: 'run_id', type: 'uuid' })
  @ForeignKey(() => Run, { name: 'run_sessions_run_id_fkey', onDelete: 'CASCADE' })
  runId!: string;

  @Column({ type: 'integer' })
  epoch!: number;

  @Column({ name: 'database_id', type: 'integer' })
  @ForeignKey(() => Database, { name: 'run_sessions_database_id_fkey' })
  databaseId!: number;

  @Column({ name: 'account_id', type: 'integer' })
  @ForeignKey(() => DataSourceAccount, { name: 'run_sessions_account_id_fkey' })
  accountId!: number;

  @Column({ name: 'backend_pid', type: 'integer', nullable: true })
  backendPid!: number | null;

  @Column({ name: 'backend_start', type: 'timestamptz', nullable: true })
  backendStart!: Date | null;

  /** Number of the data source's role that opened it; null on record of earlier versions. */
  @Column({ name: 'backend_role', type: 'bigint', nullable: true })
  backendRole!: string | null;

  /** In which life of its server the session is: after a crash, numbers of transactions are used again. */
  @Column({ name: 'data_source_life', type: 'varchar', length: 32, nullable: true })
  dataSourceLife!: string | null;

  @Column({ name: 'opened_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  openedAt!: Date;

  @Column({ name: 'closed_at', type: 'timestamptz', nullable: true })
  closedAt!: Date | null;

  @Column({ type: 'varchar', length: 16, nullable: true })
  ending!: string | null;
}
