import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Schema } from '../data-sources/schema.entity.js';
import { User } from '../users/user.entity.js';
import { Workspace } from '../workspaces/workspace.entity.js';

export type WorkfileKind = 'file' | 'workflow' | 'worklet' | 'published_worklet' | 'link';

/** A file, workflow, touchpoint or link in a workspace. Whether it runs is not a column: see `Run`. */
@Entity('workfiles')
@Check(
  'workfiles_kind_check',
  `kind IN ('file', 'workflow', 'worklet', 'published_worklet', 'link')`,
)
@Index('workfiles_workspace_id_file_name_key', ['workspaceId', 'fileName'], {
  unique: true,
  where: "deleted_at IS NULL AND kind <> 'published_worklet'",
})
@Index('workfiles_published_file_name_key', ['workspaceId', 'fileName'], {
  unique: true,
  where: "deleted_at IS NULL AND kind = 'published_worklet'",
})
@Index('workfiles_owner_id_idx', ['ownerId'])
@Index('workfiles_latest_version_id_idx', ['latestVersionId'])
@Index('workfiles_list_by_name_idx', { synchronize: false })
@Index('workfiles_list_by_date_idx', { synchronize: false })
@Index('workfiles_list_of_type_by_name_idx', { synchronize: false })
@Index('workfiles_list_of_type_by_date_idx', { synchronize: false })
@Index('workfiles_file_name_trgm_idx', { synchronize: false })
export class Workfile {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workfiles_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 24 })
  kind!: WorkfileKind;

  @Column({ name: 'workspace_id', type: 'integer' })
  @ForeignKey(() => Workspace, { name: 'workfiles_workspace_id_fkey' })
  workspaceId!: number;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'workfiles_owner_id_fkey' })
  ownerId!: number;

  @Column({ name: 'file_name', type: 'varchar', length: 255 })
  fileName!: string;

  @Column({ name: 'file_type', type: 'varchar', length: 32 })
  fileType!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ name: 'link_url', type: 'text', nullable: true })
  linkUrl!: string | null;

  @Column({ name: 'latest_version_id', type: 'integer', nullable: true })
  @ForeignKey('WorkfileVersion', { name: 'workfiles_latest_version_id_fkey', onDelete: 'SET NULL' })
  latestVersionId!: number | null;

  @Column({ name: 'execution_schema_id', type: 'integer', nullable: true })
  @ForeignKey(() => Schema, { name: 'workfiles_execution_schema_id_fkey', onDelete: 'SET NULL' })
  executionSchemaId!: number | null;

  /** Datasets a workflow was started from; those that still exist are printed. */
  @Column({ name: 'chosen_dataset_ids', type: 'integer', default: () => "'{}'", array: true })
  chosenDatasetIds!: number[];

  /** Moves with the content; not with renames, runs or stops. */
  @Column({ name: 'user_modified_at', type: 'timestamptz', default: () => 'now()' })
  userModifiedAt!: Date;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
