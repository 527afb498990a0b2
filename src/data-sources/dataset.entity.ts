import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Schema } from './schema.entity.js';

/** A known table, view or HDFS file, or a saved query (chorus view). */
@Entity('datasets')
@Check('datasets_kind_check', `kind IN ('table', 'view', 'chorus_view', 'hdfs')`)
@Check(
  'datasets_place_check',
  `CASE kind WHEN 'hdfs' THEN schema_id IS NULL AND workspace_id IS NOT NULL WHEN 'chorus_view' THEN schema_id IS NOT NULL AND workspace_id IS NOT NULL AND query IS NOT NULL ELSE schema_id IS NOT NULL AND workspace_id IS NULL END`,
)
@Index('datasets_name_schema_id_kind_key', ['schemaId', 'name', 'kind'], {
  unique: true,
  where: 'deleted_at IS NULL',
})
@Index('datasets_workspace_id_idx', ['workspaceId'])
export class Dataset {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'datasets_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 16 })
  kind!: 'table' | 'view' | 'chorus_view' | 'hdfs';

  @Column({ type: 'varchar', length: 256 })
  name!: string;

  @Column({ name: 'schema_id', type: 'integer', nullable: true })
  @ForeignKey(() => Schema, { name: 'datasets_schema_id_fkey' })
  schemaId!: number | null;

  /** The workspace that owns it; null for tables and views. */
  @Column({ name: 'workspace_id', type: 'integer', nullable: true })
  @ForeignKey('Workspace', { name: 'datasets_workspace_id_fkey' })
  workspaceId!: number | null;

  @Column({ type: 'text', nullable: true })
  query!: string | null;

  @Column({ name: 'file_mask', type: 'text', nullable: true })
  fileMask!: string | null;

  @Column({ name: 'stale_at', type: 'timestamptz', nullable: true })
  staleAt!: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
