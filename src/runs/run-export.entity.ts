import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { RunStep } from './run-step.entity.js';

/** A file that an operator made of its rows; it exists for people once its step is `finished`. */
@Entity('run_exports')
export class RunExport {
  @PrimaryColumn({ name: 'step_id', type: 'bigint', primaryKeyConstraintName: 'run_exports_pkey' })
  @ForeignKey(() => RunStep, { name: 'run_exports_step_id_fkey', onDelete: 'CASCADE' })
  stepId!: string;

  @Column({ name: 'file_name', type: 'text' })
  fileName!: string;

  /** Of all parts; null until the last one is there. */
  @Column({ name: 'size_bytes', type: 'bigint', nullable: true })
  sizeBytes!: string | null;
}
