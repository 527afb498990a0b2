import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Workspace } from '../workspaces/workspace.entity.js';

/** A dated goal of a workspace; counters and target date of the workspace follow from its rows. */
@Entity('milestones')
@Check('milestones_state_check', `state IN ('planned', 'achieved')`)
@Index('milestones_workspace_id_idx', ['workspaceId'])
export class Milestone {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'milestones_pkey',
  })
  id!: number;

  @Column({ name: 'workspace_id', type: 'integer' })
  @ForeignKey(() => Workspace, { name: 'milestones_workspace_id_fkey' })
  workspaceId!: number;

  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @Column({ type: 'varchar', length: 16, default: 'planned' })
  state!: 'planned' | 'achieved';

  /** `YYYY-MM-DD`. */
  @Column({ name: 'target_date', type: 'date' })
  targetDate!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
