import { Check, Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Workfile } from './workfile.entity.js';

/** One saved content of a file. */
@Entity('workfile_versions')
@Check('workfile_versions_version_num_check', `version_num >= 1`)
@Unique('workfile_versions_workfile_id_version_num_key', ['workfileId', 'versionNum'])
export class WorkfileVersion {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workfile_versions_pkey',
  })
  id!: number;

  @Column({ name: 'workfile_id', type: 'integer' })
  @ForeignKey(() => Workfile, { name: 'workfile_versions_workfile_id_fkey' })
  workfileId!: number;

  @Column({ name: 'version_num', type: 'integer' })
  versionNum!: number;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'workfile_versions_owner_id_fkey' })
  ownerId!: number;

  @Column({ name: 'modifier_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'workfile_versions_modifier_id_fkey' })
  modifierId!: number;

  @Column({ name: 'commit_message', type: 'varchar', length: 256, nullable: true })
  commitMessage!: string | null;

  @Column({ name: 'file_name', type: 'varchar', length: 255 })
  fileName!: string;

  @Column({ name: 'content_type', type: 'varchar', length: 128 })
  contentType!: string;

  /** Of all of it. */
  @Column({ name: 'size_bytes', type: 'integer' })
  sizeBytes!: number;

  /** The first MiB; what is longer goes on in `WorkfileVersionPart`s. */
  @Column({ type: 'bytea', select: false })
  contents!: Buffer;

  /** PNG that fits 50x50; images only, and null where none could be made. */
  @Column({ type: 'bytea', nullable: true, select: false })
  icon!: Buffer | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
