import { Check, Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from './user.entity.js';

/** An uploaded picture of a user or a workspace, with its thumbnail (fits 50x50). */
@Entity('images')
@Check('images_owner_check', `num_nonnulls(user_id, workspace_id) = 1`)
@Unique('images_user_id_key', ['userId'])
@Unique('images_workspace_id_key', ['workspaceId'])
export class Image {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'images_pkey',
  })
  id!: number;

  @Column({ name: 'user_id', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'images_user_id_fkey', onDelete: 'CASCADE' })
  userId!: number | null;

  @Column({ name: 'workspace_id', type: 'integer', nullable: true })
  @ForeignKey('Workspace', { name: 'images_workspace_id_fkey', onDelete: 'CASCADE' })
  workspaceId!: number | null;

  @Column({ name: 'file_name', type: 'varchar', length: 255 })
  fileName!: string;

  @Column({ name: 'content_type', type: 'varchar', length: 128 })
  contentType!: string;

  @Column({ type: 'bytea', select: false })
  original!: Buffer;

  @Column({ type: 'bytea', select: false })
  icon!: Buffer;

  @Column({ name: 'uploaded_at', type: 'timestamptz', default: () => 'now()' })
  uploadedAt!: Date;
}
