import { Check, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { User } from './user.entity.js';

/** An administrative role of a user: `admin` or `data_admin` (entities.md 2.2). */
@Entity('user_roles')
@Check('user_roles_role_check', `role IN ('admin', 'data_admin')`)
export class UserRole {
  @PrimaryColumn({ name: 'user_id', type: 'integer', primaryKeyConstraintName: 'user_roles_pkey' })
  @ForeignKey(() => User, { name: 'user_roles_user_id_fkey', onDelete: 'CASCADE' })
  userId!: number;

  @PrimaryColumn({ type: 'varchar', length: 32, primaryKeyConstraintName: 'user_roles_pkey' })
  role!: string;
}
