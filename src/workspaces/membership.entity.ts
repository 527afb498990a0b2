import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Workspace } from './workspace.entity.js';

/** A user belongs to a workspace, in a role. */
@Entity('memberships')
@Unique('memberships_workspace_id_user_id_key', ['workspaceId', 'userId'])
@Index('memberships_user_id_idx', ['userId'])
export class Membership {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'memberships_pkey',
  })
  id!: number;

  @Column({ name: 'user_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'memberships_user_id_fkey' })
  userId!: number;

  @Column({ name: 'workspace_id', type: 'integer' })
  @ForeignKey(() => Workspace, { name: 'memberships_workspace_id_fkey' })
  workspaceId!: number;

  @Column({ type: 'varchar', length: 64, default: 'Project Member' })
  role!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
