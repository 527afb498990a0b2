import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Database } from './database.entity.js';

/** A schema of a database as the last refresh saw it. */
@Entity('schemas')
@Unique('schemas_database_id_name_key', ['databaseId', 'name'])
export class Schema {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'schemas_pkey',
  })
  id!: number;

  @Column({ name: 'database_id', type: 'integer' })
  @ForeignKey(() => Database, { name: 'schemas_database_id_fkey' })
  databaseId!: number;

  @Column({ type: 'varchar', length: 256 })
  name!: string;

  /** Printed as `dataset_count`: counted by the last refresh. */
  @Column({ name: 'active_tables_and_views_count', type: 'integer', default: 0 })
  activeTablesAndViewsCount!: number;

  @Column({ name: 'refreshed_at', type: 'timestamptz', nullable: true })
  refreshedAt!: Date | null;

  @Column({ name: 'stale_at', type: 'timestamptz', nullable: true })
  staleAt!: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
