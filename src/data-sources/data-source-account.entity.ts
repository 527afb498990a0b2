import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { DataSource } from './data-source.entity.js';
import { User } from '../users/user.entity.js';

/** Credentials of a user in a data source; the password is encrypted (`credential-cipher.ts`). */
@Entity('data_source_accounts')
@Unique('data_source_accounts_data_source_id_owner_id_key', ['dataSourceId', 'ownerId'])
@Index('data_source_accounts_owner_id_idx', ['ownerId'])
export class DataSourceAccount {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'data_source_accounts_pkey',
  })
  id!: number;

  @Column({ name: 'data_source_id', type: 'integer' })
  @ForeignKey(() => DataSource, { name: 'data_source_accounts_data_source_id_fkey' })
  dataSourceId!: number;

  @Column({ name: 'owner_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'data_source_accounts_owner_id_fkey' })
  ownerId!: number;

  @Column({ name: 'db_username', type: 'varchar', length: 256 })
  dbUsername!: string;

  @Column({ name: 'db_password_encrypted', type: 'text', select: false })
  dbPasswordEncrypted!: string;

  @Column({ name: 'invalid_credentials', type: 'boolean', default: false })
  invalidCredentials!: boolean;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
