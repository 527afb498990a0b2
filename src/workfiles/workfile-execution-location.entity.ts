import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { DataSource } from '../data-sources/data-source.entity.js';
import { Database } from '../data-sources/database.entity.js';
import { Workfile } from './workfile.entity.js';

/** Where a workflow runs: a database, or a data source that has none of its own. */
@Entity('workfile_execution_locations')
@Check('workfile_execution_locations_place_check', `num_nonnulls(database_id, data_source_id) = 1`)
@Index('workfile_execution_locations_workfile_id_idx', ['workfileId'])
export class WorkfileExecutionLocation {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workfile_execution_locations_pkey',
  })
  id!: number;

  @Column({ name: 'workfile_id', type: 'integer' })
  @ForeignKey(() => Workfile, { name: 'workfile_execution_locations_workfile_id_fkey' })
  workfileId!: number;

  @Column({ name: 'database_id', type: 'integer', nullable: true })
  @ForeignKey(() => Database, { name: 'workfile_execution_locations_database_id_fkey' })
  databaseId!: number | null;

  @Column({ name: 'data_source_id', type: 'integer', nullable: true })
  @ForeignKey(() => DataSource, { name: 'workfile_execution_locations_data_source_id_fkey' })
  dataSourceId!: number | null;
}
