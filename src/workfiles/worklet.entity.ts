import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Workfile } from './workfile.entity.js';

/** What a touchpoint adds to its workfile. */
@Entity('worklets')
@Check('worklets_state_check', `state IN ('completed', 'published')`)
@Index('worklets_workflow_id_idx', ['workflowId'])
export class Worklet {
  @PrimaryColumn({
    name: 'workfile_id',
    type: 'integer',
    primaryKeyConstraintName: 'worklets_pkey',
  })
  @ForeignKey(() => Workfile, { name: 'worklets_workfile_id_fkey' })
  workfileId!: number;

  /** The workflow it is built on. */
  @Column({ name: 'workflow_id', type: 'integer' })
  @ForeignKey(() => Workfile, { name: 'worklets_workflow_id_fkey' })
  workflowId!: number;

  @Column({ name: 'run_persona', type: 'varchar', length: 256, default: 'creator' })
  runPersona!: string;

  @Column({ name: 'output_table', type: 'text', nullable: true })
  outputTable!: string | null;

  @Column({ type: 'varchar', length: 16, default: 'completed' })
  state!: string;
}
