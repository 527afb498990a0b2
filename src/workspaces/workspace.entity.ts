import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Schema } from '../data-sources/schema.entity.js';
import { User } from '../users/user.entity.js';
import { WorkspaceStage } from './workspace-stage.entity.js';

/** A shared place for workfiles. The `hasAdded…` flags are quickstart marks that are only ever set. */
@Entity('workspaces')
@Check(
  'workspaces_project_status_check',
  `project_status IN ('on_track', 'needs_attention', 'at_risk')`,
)
@Check('workspaces_archiver_check', `archived_at IS NULL OR archiver_id IS NOT NULL`)
@Index('workspaces_name_key', { synchronize: false })
@Index('workspaces_public_name_idx', { synchronize: false })
@Index('workspaces_owner_id_idx', ['ownerId'])
export class Workspace {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workspaces_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 256 })
  name!: string;

  @Column({ type: 'text', nullable: true })
  summary!: string | null;

  @Column({ type: 'boolean', default: false })
  public!: boolean;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'workspaces_owner_id_fkey' })
  ownerId!: number;

  @Column({ name: 'archived_at', type: 'timestamptz', nullable: true })
  archivedAt!: Date | null;

  @Column({ name: 'archiver_id', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'workspaces_archiver_id_fkey' })
  archiverId!: number | null;

  @Column({ name: 'sandbox_id', type: 'integer', nullable: true })
  @ForeignKey(() => Schema, { name: 'workspaces_sandbox_id_fkey', onDelete: 'SET NULL' })
  sandboxId!: number | null;

  @Column({ name: 'show_sandbox_datasets', type: 'boolean', default: true })
  showSandboxDatasets!: boolean;

  @Column({ name: 'has_added_member', type: 'boolean', default: false })
  hasAddedMember!: boolean;

  @Column({ name: 'has_added_workfile', type: 'boolean', default: false })
  hasAddedWorkfile!: boolean;

  @Column({ name: 'has_added_sandbox', type: 'boolean', default: false })
  hasAddedSandbox!: boolean;

  @Column({ name: 'has_changed_settings', type: 'boolean', default: false })
  hasChangedSettings!: boolean;

  @Column({ name: 'is_project', type: 'boolean', default: true })
  isProject!: boolean;

  @Column({ name: 'project_status', type: 'varchar', length: 32, default: 'on_track' })
  projectStatus!: string;

  @Column({ name: 'project_status_reason', type: 'varchar', length: 255, nullable: true })
  projectStatusReason!: string | null;

  /** `YYYY-MM-DD`, as somebody set it; the latest milestone counts before it. */
  @Column({ name: 'project_target_date', type: 'date', nullable: true })
  projectTargetDate!: string | null;

  @Column({ name: 'workspace_stage_id', type: 'integer', nullable: true })
  @ForeignKey(() => WorkspaceStage, {
    name: 'workspaces_workspace_stage_id_fkey',
    onUpdate: 'CASCADE',
  })
  workspaceStageId!: number | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
