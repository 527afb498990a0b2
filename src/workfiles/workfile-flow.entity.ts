import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Workfile } from './workfile.entity.js';

/** A workflow's `.afm` document. */
@Entity('workfile_flows')
export class WorkfileFlow {
  @PrimaryColumn({
    name: 'workfile_id',
    type: 'integer',
    primaryKeyConstraintName: 'workfile_flows_pkey',
  })
  @ForeignKey(() => Workfile, { name: 'workfile_flows_workfile_id_fkey' })
  workfileId!: number;

  @Column({ type: 'text' })
  afm!: string;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
