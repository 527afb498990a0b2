import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { DataSource } from './data-source.entity.js';
import { User } from '../users/user.entity.js';

/**
 * Credentials of a user in a data source; the password is encrypted (`credential-cipher.ts`). A row never gets other
 * credentials: a change makes a new row and retires this one, so that whoever names it can still be reached (ADR 13).
 */
@Entity('data_source_accounts')
@Check(
  'data_source_accounts_password_check',
  `deleted_at IS NOT NULL OR db_password_encrypted IS NOT NULL`,
)
@Index('data_source_accounts_data_source_id_owner_id_key', ['dataSourceId', 'ownerId'], {
  unique: true,
  where: 'deleted_at IS NULL',
})
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

  /** Null once the account is removed and nothing that it opened is under way any more. */
  @Column({ name: 'db_password_encrypted', type: 'text', nullable: true, select: false })
  dbPasswordEncrypted!: string | null;

  @Column({ name: 'invalid_credentials', type: 'boolean', default: false })
  invalidCredentials!: boolean;

  /** Whether its owner has entered the password; false also where nobody knows. Who has not must not send it elsewhere (ADR 13). */
  @Column({ name: 'entered_by_owner', type: 'boolean', default: false })
  enteredByOwner!: boolean;

  /** The first row of the same account, whose id the wire shows; null for the first itself. */
  @Column({ name: 'original_id', type: 'integer', nullable: true })
  originalId!: number | null;

  /** Removed, or replaced by another row. */
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
