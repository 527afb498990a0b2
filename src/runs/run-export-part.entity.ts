import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { RunExport } from './run-export.entity.js';

const KEY = { primaryKeyConstraintName: 'run_export_parts_pkey' };

/** A piece of an exported file, about a MiB. */
@Entity('run_export_parts')
export class RunExportPart {
  @PrimaryColumn({ name: 'step_id', type: 'bigint', ...KEY })
  @ForeignKey(() => RunExport, { name: 'run_export_parts_step_id_fkey', onDelete: 'CASCADE' })
  stepId!: string;

  @PrimaryColumn({ type: 'integer', ...KEY })
  position!: number;

  @Column({ type: 'bytea', select: false })
  contents!: Buffer;
}
