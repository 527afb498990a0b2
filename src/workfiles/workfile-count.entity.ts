import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Workspace } from '../workspaces/workspace.entity.js';

const KEY = { primaryKeyConstraintName: 'workfile_counts_pkey' };

/** How many live workfiles there are: the sum over the slots. Kept by triggers on `workfiles`, never written otherwise. */
@Entity('workfile_counts')
export class WorkfileCount {
  @PrimaryColumn({ name: 'workspace_id', type: 'integer', ...KEY })
  @ForeignKey(() => Workspace, { name: 'workfile_counts_workspace_id_fkey' })
  workspaceId!: number;

  /** Of published touchpoints. */
  @PrimaryColumn({ type: 'boolean', ...KEY })
  published!: boolean;

  @PrimaryColumn({ name: 'file_type', type: 'varchar', length: 32, ...KEY })
  fileType!: string;

  /** Each database session counts in one of 32, so that they do not wait for each other. */
  @PrimaryColumn({ type: 'smallint', ...KEY })
  slot!: number;

  /** May be negative in a single slot. */
  @Column({ type: 'integer' })
  n!: number;
}
