import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A word that things are marked with; unique ignoring case. */
@Entity('tags')
@Check('tags_name_check', `name <> '' AND strpos(name, ',') = 0`)
@Index('tags_name_key', { synchronize: false })
export class Tag {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'tags_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
