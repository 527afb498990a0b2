import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Dataset } from './dataset.entity.js';

/** A source dataset that a workspace uses. */
@Entity('associated_datasets')
@Unique('associated_datasets_workspace_id_dataset_id_key', ['workspaceId', 'datasetId'])
@Index('associated_datasets_dataset_id_idx', ['datasetId'])
export class AssociatedDataset {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'associated_datasets_pkey',
  })
  id!: number;

  @Column({ name: 'workspace_id', type: 'integer' })
  @ForeignKey('Workspace', { name: 'associated_datasets_workspace_id_fkey' })
  workspaceId!: number;

  @Column({ name: 'dataset_id', type: 'integer' })
  @ForeignKey(() => Dataset, { name: 'associated_datasets_dataset_id_fkey' })
  datasetId!: number;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
