import {
  type FieldErrors,
  RecordNotFound,
  ValidationFailed,
} from '../common/errors/domain-error.js';
import { LARGEST_ID } from '../common/http/attribute-rules.js';
import { MEMBER_ROLES, type MemberRole } from './member-roles.js';

/** Who shall be a member, in which role; null: the one he has, or the default. */
export type WantedMembers = ReadonlyMap<number, MemberRole | null>;

/**
 * The complete list of members in either form (chorus-api.md 8.6): `member_ids[]`, or `members` with roles.
 * @throws ValidationFailed; RecordNotFound for an id that cannot be one
 */
export function readWantedMembers(body: unknown): WantedMembers {
  const { members, member_ids: memberIds } = (body ?? {}) as Record<string, unknown>;
  if (isGiven(members)) return read('members', members, (one) => ofMember(one));
  if (isGiven(memberIds))
    return read('member_ids', memberIds, (id) => [idOf(id, 'member_ids'), null]);
  throw new ValidationFailed({ member_ids: { BLANK: {} } });
}

type Member = readonly [id: number, role: MemberRole | null];

function read(name: string, value: unknown, memberOf: (one: unknown) => Member): WantedMembers {
  const wanted = new Map<number, MemberRole | null>();
  for (const one of listOf(name, value)) {
    const [id, role] = memberOf(one);
    if (wanted.has(id) && wanted.get(id) !== role) throw invalid({ role: { INVALID: {} } });
    wanted.set(id, role);
  }
  return wanted;
}

function ofMember(value: unknown): Member {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid({ members: { INVALID: {} } });
  const { user_id: id, role } = value as Record<string, unknown>;
  if (role === undefined || role === null || role === '') return [idOf(id, 'members'), null];
  const known = MEMBER_ROLES.find((one) => one === role);
  if (known === undefined)
    throw invalid({ role: { INVALID: typeof role === 'string' ? { value: role } : {} } });
  return [idOf(id, 'members'), known];
}

function idOf(value: unknown, name: string): number {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw invalid({ [name]: { INVALID: {} } });
  const id = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > LARGEST_ID)
    throw new RecordNotFound();
  return id;
}

/** Forms send lists as hashes of their indexes, and an empty list as one empty text. */
function listOf(name: string, value: unknown): readonly unknown[] {
  if (value === '') return [];
  const isIndexed =
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).every((key) => /^\d+$/.test(key));
  if (!isIndexed) throw invalid({ [name]: { INVALID: {} } });
  return Object.values(value).filter((one) => one !== '');
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function invalid(fields: FieldErrors): ValidationFailed {
  return new ValidationFailed(fields);
}
