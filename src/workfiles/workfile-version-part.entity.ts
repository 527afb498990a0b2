import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { WorkfileVersion } from './workfile-version.entity.js';

const KEY = { primaryKeyConstraintName: 'workfile_version_parts_pkey' };

/** A further MiB of a file whose first MiB is in its version. */
@Entity('workfile_version_parts')
@Check('workfile_version_parts_position_check', 'position >= 1')
export class WorkfileVersionPart {
  @PrimaryColumn({ name: 'version_id', type: 'integer', ...KEY })
  @ForeignKey(() => WorkfileVersion, {
    name: 'workfile_version_parts_version_id_fkey',
    onDelete: 'CASCADE',
  })
  versionId!: number;

  @PrimaryColumn({ type: 'integer', ...KEY })
  position!: number;

  @Column({ type: 'bytea', select: false })
  contents!: Buffer;
}
