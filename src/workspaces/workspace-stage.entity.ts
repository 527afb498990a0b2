import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** Where a project stands: Define, Transform, Model, Deploy, Act. */
@Entity('workspace_stages')
@Unique('workspace_stages_name_key', ['name'])
@Unique('workspace_stages_position_key', ['position'])
@Index('workspace_stages_is_default_key', ['isDefault'], { unique: true, where: 'is_default' })
export class WorkspaceStage {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'workspace_stages_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 256 })
  name!: string;

  @Column({ type: 'integer' })
  position!: number;

  @Column({ name: 'is_default', type: 'boolean', default: false })
  isDefault!: boolean;

  @Column({ name: 'description_long', type: 'text' })
  descriptionLong!: string;

  @Column({ name: 'description_short', type: 'text' })
  descriptionShort!: string;
}
