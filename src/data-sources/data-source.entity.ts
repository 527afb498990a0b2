import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { User } from '../users/user.entity.js';
import type { DataSourceDetails } from './data-source-details.js';
import type { DataSourceKind } from './data-source-kinds.js';

/** A database server that workflows run in, or another store of data that is known by name. `version` and `state` are what the last test recorded. */
@Entity('data_sources')
@Check(
  'data_sources_kind_check',
  `kind IN ('gpdb_data_source', 'pg_data_source', 'oracle_data_source', 'jdbc_data_source', 'jdbc_hive_data_source', 'hawq_data_source', 'hdfs_data_source')`,
)
@Check(
  'data_sources_state_check',
  `state IN ('online', 'offline', 'incomplete', 'disabled', 'enabled')`,
)
@Index('data_sources_name_key', { synchronize: false })
@Index('data_sources_owner_id_idx', ['ownerId'])
export class DataSource {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'data_sources_pkey',
  })
  id!: number;

  /** The wire's `entity_type`. */
  @Column({ type: 'varchar', length: 32 })
  kind!: DataSourceKind;

  @Column({ type: 'varchar', length: 64 })
  name!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ type: 'varchar', length: 256 })
  host!: string;

  @Column({ type: 'integer', nullable: true })
  port!: number | null;

  @Column({ name: 'db_name', type: 'varchar', length: 256, nullable: true })
  dbName!: string | null;

  @Column({ type: 'boolean', default: false })
  ssl!: boolean;

  /** Everybody uses the owner's account. */
  @Column({ type: 'boolean', default: false })
  shared!: boolean;

  @Column({ type: 'boolean', default: false })
  public!: boolean;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'data_sources_owner_id_fkey' })
  ownerId!: number;

  @Column({ type: 'varchar', length: 256, nullable: true })
  version!: string | null;

  @Column({ name: 'is_hawq', type: 'boolean', nullable: true })
  isHawq!: boolean | null;

  @Column({ type: 'varchar', length: 32, default: 'offline' })
  state!: string;

  /** What only some kinds have. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: DataSourceDetails;

  /** False: nobody looks at it unasked; what was last recorded stays. */
  @Column({ name: 'auto_refresh', type: 'boolean', default: true })
  autoRefresh!: boolean;

  /** While it lies ahead no session is opened: the address is about to change. */
  @Column({ name: 'moving_until', type: 'timestamptz', nullable: true, select: false })
  movingUntil!: Date | null;

  /** Last look at it in the background. */
  @Column({ name: 'looked_at', type: 'timestamptz', nullable: true, select: false })
  lookedAt!: Date | null;

  /** Until then a process is looking. */
  @Column({ name: 'look_claimed_until', type: 'timestamptz', nullable: true, select: false })
  lookClaimedUntil!: Date | null;

  @Column({ name: 'last_checked_at', type: 'timestamptz', nullable: true })
  lastCheckedAt!: Date | null;

  @Column({ name: 'last_online_at', type: 'timestamptz', nullable: true })
  lastOnlineAt!: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
