import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Workfile } from './workfile.entity.js';

/** What a user is writing in a file and has not saved as a version yet; nobody else sees it. */
@Entity('workfile_drafts')
@Unique('workfile_drafts_workfile_id_owner_id_key', ['workfileId', 'ownerId'])
@Index('workfile_drafts_owner_id_idx', ['ownerId'])
export class WorkfileDraft {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workfile_drafts_pkey',
  })
  id!: number;

  @Column({ name: 'workfile_id', type: 'integer' })
  @ForeignKey(() => Workfile, { name: 'workfile_drafts_workfile_id_fkey' })
  workfileId!: number;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'workfile_drafts_owner_id_fkey' })
  ownerId!: number;

  /** Number of the version that was the latest when it was begun. */
  @Column({ name: 'base_version', type: 'integer', nullable: true })
  baseVersion!: number | null;

  @Column({ type: 'text' })
  content!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
