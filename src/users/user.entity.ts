import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A person who may log in. `passwordHash` is never selected by default and never leaves the server. */
@Entity('users')
@Check(
  'users_user_type_check',
  `user_type IN ('analytics_developer', 'data_analyst', 'collaborator', 'business_user')`,
)
@Index('users_username_key', { synchronize: false })
@Index('users_first_name_idx', { synchronize: false })
@Index('users_last_name_idx', { synchronize: false })
export class User {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'users_pkey',
  })
  id!: number;

  /** Unique among live users, ignoring case. */
  @Column({ type: 'varchar', length: 256 })
  username!: string;

  @Column({ name: 'first_name', type: 'varchar', length: 256 })
  firstName!: string;

  @Column({ name: 'last_name', type: 'varchar', length: 256 })
  lastName!: string;

  @Column({ type: 'varchar', length: 256 })
  email!: string;

  @Column({ type: 'varchar', length: 256, nullable: true })
  title!: string | null;

  @Column({ type: 'varchar', length: 256, nullable: true })
  dept!: string | null;

  @Column({ type: 'varchar', length: 4096, nullable: true })
  notes!: string | null;

  @Column({ name: 'user_type', type: 'varchar', length: 32, default: 'business_user' })
  userType!: string;

  @Column({ name: 'auth_method', type: 'varchar', length: 32, default: 'internal' })
  authMethod!: string;

  @Column({ name: 'ldap_group_id', type: 'varchar', length: 256, nullable: true })
  ldapGroupId!: string | null;

  /** Argon2id; null for users whom a directory authenticates. */
  @Column({ name: 'password_hash', type: 'text', nullable: true, select: false })
  passwordHash!: string | null;

  /** The built-in super administrator. */
  @Column({ name: 'site_admin', type: 'boolean', default: false })
  siteAdmin!: boolean;

  @Column({ name: 'subscribed_to_emails', type: 'boolean', default: true })
  subscribedToEmails!: boolean;

  @Column({ name: 'deactivated_at', type: 'timestamptz', nullable: true })
  deactivatedAt!: Date | null;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
