import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { DataSource } from './data-source.entity.js';

/** A database of a data source: where the sessions of a run connect to. */
@Entity('databases')
@Unique('databases_data_source_id_name_key', ['dataSourceId', 'name'])
export class Database {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'databases_pkey',
  })
  id!: number;

  @Column({ name: 'data_source_id', type: 'integer' })
  @ForeignKey(() => DataSource, { name: 'databases_data_source_id_fkey' })
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 256 })
  name!: string;

  @Column({ name: 'stale_at', type: 'timestamptz', nullable: true })
  staleAt!: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
