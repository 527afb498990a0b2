import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Workfile } from './workfile.entity.js';

/** When a user last opened a workfile; the 15 newest per user are kept. */
@Entity('workfile_opens')
@Index('workfile_opens_workfile_id_idx', ['workfileId'])
export class WorkfileOpen {
  @PrimaryColumn({
    name: 'user_id',
    type: 'integer',
    primaryKeyConstraintName: 'workfile_opens_pkey',
  })
  @ForeignKey(() => User, { name: 'workfile_opens_user_id_fkey', onDelete: 'CASCADE' })
  userId!: number;

  @PrimaryColumn({
    name: 'workfile_id',
    type: 'integer',
    primaryKeyConstraintName: 'workfile_opens_pkey',
  })
  @ForeignKey(() => Workfile, { name: 'workfile_opens_workfile_id_fkey', onDelete: 'CASCADE' })
  workfileId!: number;

  @Column({ name: 'opened_at', type: 'timestamptz', default: () => 'now()' })
  openedAt!: Date;
}
