import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Worklet } from './worklet.entity.js';

/** A value that a touchpoint asks its user for. */
@Entity('worklet_parameters')
@Index('worklet_parameters_workfile_id_idx', ['workfileId'])
export class WorkletParameter {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'worklet_parameters_pkey',
  })
  id!: number;

  @Column({ name: 'workfile_id', type: 'integer' })
  @ForeignKey(() => Worklet, { name: 'worklet_parameters_workfile_id_fkey' })
  workfileId!: number;

  @Column({ name: 'variable_name', type: 'varchar', length: 256 })
  variableName!: string;

  @Column({ type: 'varchar', length: 256, nullable: true })
  label!: string | null;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ name: 'data_type', type: 'varchar', length: 64, nullable: true })
  dataType!: string | null;

  @Column({ type: 'boolean', default: false })
  required!: boolean;

  @Column({ name: 'use_default', type: 'boolean', default: false })
  useDefault!: boolean;

  @Column({ type: 'text', nullable: true })
  options!: string | null;

  @Column({ type: 'text', nullable: true })
  validations!: string | null;
}
