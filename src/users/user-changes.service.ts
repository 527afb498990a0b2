import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import { OpenSessions } from '../access/open-sessions.js';
import { PasswordGuesses } from '../access/password-guesses.js';
import type { Viewer } from '../access/viewer.js';
import {
  AccessDenied,
  type FieldErrors,
  RecordNotFound,
  ValidationFailed,
} from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import { violates } from '../common/sql/violation.js';
import { administrators, lockAdministrators } from './administrators.js';
import type { ChangedUserDto, NewUserDto, ROLES } from './dto/user-attributes.dto.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { User } from './user.entity.js';

type Role = (typeof ROLES)[number];

interface Stored {
  readonly password_hash: string | null;
  readonly roles: readonly Role[];
  readonly site_admin: boolean;
}

/** Creates and changes people (chorus-api.md 7). */
@Injectable()
export class UserChanges {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sessions: OpenSessions,
    private readonly guesses: PasswordGuesses,
  ) {}

  /** For administrators, which the route sees to. @returns the new user's id @throws ValidationFailed */
  async create(attributes: Attributes<NewUserDto>, creator: Viewer): Promise<number> {
    const wanted = attributes.checked(await this.taken(attributes.sent.username, null));
    const passwordHash = await hashPassword(wanted.password);
    return this.named(wanted.username, async (tx) => {
      const { identifiers } = await tx.insert(User, {
        ...columnsOf(wanted),
        passwordHash,
        userType: wanted.user_type ?? 'business_user',
      });
      const id = Number(identifiers[0]?.['id']);
      await setRoles(tx, id, rolesAfter(wanted, []));
      await recordActivity(tx, {
        action: 'UserAdded',
        actorId: creator.id,
        targets: [{ type: 'user', id }],
      });
      return id;
    });
  }

  /**
   * Changes what is given. What only administrators may set is ignored from others, who send back whole documents. A new
   * password ends all sessions of the user but the one that asks.
   * @throws RecordNotFound; AccessDenied by rule *self*; ValidationFailed; DomainError `throttled` after too many wrong
   *   old passwords
   */
  async update(id: number, attributes: Attributes<ChangedUserDto>, viewer: Viewer): Promise<void> {
    const stored = await this.stored(id);
    if (!viewer.isAdmin && viewer.id !== id) throw new AccessDenied();
    const { sent } = attributes;
    const wanted = attributes.checked({
      ...(await this.taken(sent.username, id)),
      ...(viewer.id === id && (await this.oldPasswordProblem(id, sent, stored))),
    });
    const passwordHash = wanted.password ? await hashPassword(wanted.password) : null;
    await this.named(wanted.username ?? '', async (tx) => {
      if (viewer.isAdmin) await this.changeRoles(tx, id, wanted);
      const { affected } = await tx
        .createQueryBuilder()
        .update(User)
        .set({
          ...columnsOf(wanted),
          ...(viewer.isAdmin && wanted.user_type && { userType: wanted.user_type }),
          ...(passwordHash !== null && { passwordHash }),
          updatedAt: () => 'now()',
        })
        .where('id = :id AND deleted_at IS NULL', { id })
        .execute();
      if (affected === 0) throw new RecordNotFound();
      if (passwordHash !== null)
        await this.sessions.end(tx, id, viewer.id === id ? (viewer.sessionId ?? null) : null);
    });
  }

  /** Who leaves an open session behind must not lose the account with it, nor have its password guessed. */
  private async oldPasswordProblem(
    id: number,
    { password, old_password }: Partial<ChangedUserDto>,
    { password_hash }: Stored,
  ): Promise<FieldErrors> {
    if (!password) return {};
    if (typeof old_password !== 'string' || old_password === '')
      return { old_password: { BLANK: {} } };
    const fits = await this.guesses.compare(id, () => verifyPassword(password_hash, old_password));
    return fits ? {} : { old_password: { INVALID: {} } };
  }

  /** @throws RecordNotFound */
  private async stored(id: number): Promise<Stored> {
    const [stored] = await this.orm.query<Stored[]>(
      `SELECT password_hash, site_admin, ${ROLES_OF_USER} AS roles FROM users WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    if (stored === undefined) throw new RecordNotFound();
    return stored;
  }

  /** The last administrator, and the built-in one, stay administrators whatever is asked (chorus-api.md 7). */
  private async changeRoles(tx: EntityManager, id: number, wanted: ChangedUserDto): Promise<void> {
    if (wanted.admin == null && wanted.roles == null) return;
    await lockAdministrators(tx);
    const [stored] = await tx.query<Stored[]>(
      `SELECT site_admin, ${ROLES_OF_USER} AS roles FROM users WHERE id = $1`,
      [id],
    );
    const roles = rolesAfter(wanted, stored?.roles ?? []);
    const all = await administrators(tx);
    const isLast = all.has(id) && all.size === 1;
    const keepsAdmin = stored?.roles.includes('admin') === true && (isLast || stored.site_admin);
    await setRoles(tx, id, keepsAdmin ? [...new Set<Role>(['admin', ...roles])] : roles);
  }

  /** What is wrong with a name that somebody else has. */
  private async taken(username: unknown, exceptId: number | null): Promise<FieldErrors> {
    if (typeof username !== 'string') return {};
    const [row] = await this.orm.query<unknown[]>(
      `SELECT FROM users WHERE lower(username) = lower($1) AND deleted_at IS NULL AND id IS DISTINCT FROM $2`,
      [username, exceptId],
    );
    return row === undefined ? {} : takenBy(username);
  }

  /** A transaction in which the name may turn out to be taken in the meantime. */
  private async named<T>(username: string, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.orm.transaction(work);
    } catch (error) {
      if (violates(error, 'users_username_key')) throw new ValidationFailed(takenBy(username));
      throw error;
    }
  }
}

const ROLES_OF_USER = `ARRAY(SELECT role::text FROM user_roles WHERE user_id = users.id ORDER BY role)`;

function takenBy(username: string): FieldErrors {
  return { username: { TAKEN: { value: username } } };
}

/** The columns that everybody may set of themselves; absent and null ones of required columns are left out. */
function columnsOf(wanted: ChangedUserDto): Partial<User> {
  const { username, first_name, last_name, email, title, dept, notes } = wanted;
  return {
    ...(username && { username }),
    ...(first_name && { firstName: first_name }),
    ...(last_name && { lastName: last_name }),
    ...(email && { email }),
    ...(title !== undefined && { title }),
    ...(dept !== undefined && { dept }),
    ...(notes !== undefined && { notes }),
    ...(wanted.subscribed_to_emails != null && {
      subscribedToEmails: wanted.subscribed_to_emails,
    }),
  };
}

/** Clients send `admin` and `roles` side by side; where they disagree, the flag says who is administrator. */
function rolesAfter({ admin, roles }: ChangedUserDto, before: readonly Role[]): Role[] {
  const named = roles ?? before;
  const isAdmin = admin ?? named.includes('admin');
  return [
    ...(isAdmin ? ['admin' as const] : []),
    ...(named.includes('data_admin') ? ['data_admin' as const] : []),
  ];
}

async function setRoles(tx: EntityManager, id: number, roles: readonly Role[]): Promise<void> {
  await tx.query('DELETE FROM user_roles WHERE user_id = $1 AND role <> ALL ($2::text[])', [
    id,
    roles,
  ]);
  await tx.query(
    'INSERT INTO user_roles (user_id, role) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
    [id, roles],
  );
}
