import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tag } from './tag.entity.js';

/** A tag on one thing. */
@Entity('taggings')
@Check(
  'taggings_taggable_type_check',
  `taggable_type IN ('user', 'workspace', 'workfile', 'dataset', 'data_source')`,
)
@Unique('taggings_taggable_type_taggable_id_tag_id_key', ['taggableType', 'taggableId', 'tagId'])
@Index('taggings_tag_id_idx', ['tagId'])
export class Tagging {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'taggings_pkey',
  })
  id!: number;

  @Column({ name: 'tag_id', type: 'integer' })
  @ForeignKey(() => Tag, { name: 'taggings_tag_id_fkey', onDelete: 'CASCADE' })
  tagId!: number;

  @Column({ name: 'taggable_type', type: 'varchar', length: 32 })
  taggableType!: 'user' | 'workspace' | 'workfile' | 'dataset' | 'data_source';

  @Column({ name: 'taggable_id', type: 'integer' })
  taggableId!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
