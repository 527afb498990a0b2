import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { DataSourceAccount } from '../data-source-account.entity.js';

export type SightPlace = 'data_source' | 'database' | 'schema';

/** What an account saw in a place when it last looked: what may be listed for it. */
@Entity('catalogue_sights')
@Check('catalogue_sights_place_check', `place IN ('data_source', 'database', 'schema')`)
export class CatalogueSight {
  @PrimaryColumn({
    name: 'account_id',
    type: 'integer',
    primaryKeyConstraintName: 'catalogue_sights_pkey',
  })
  @ForeignKey(() => DataSourceAccount, {
    name: 'catalogue_sights_account_id_fkey',
    onDelete: 'CASCADE',
  })
  accountId!: number;

  @PrimaryColumn({ type: 'varchar', length: 16, primaryKeyConstraintName: 'catalogue_sights_pkey' })
  place!: SightPlace;

  @PrimaryColumn({
    name: 'place_id',
    type: 'integer',
    primaryKeyConstraintName: 'catalogue_sights_pkey',
  })
  placeId!: number;

  /** Databases of a data source, schemas of a database, or datasets of a schema. */
  @Column({ name: 'seen_ids', type: 'integer', array: true })
  seenIds!: number[];

  @Column({ name: 'seen_at', type: 'timestamptz', default: () => 'clock_timestamp()' })
  seenAt!: Date;
}
