import { DomainError } from '../common/errors/domain-error.js';
import { lengthOf } from '../common/http/text-length.js';
import type { LoginDto } from './dto/login.dto.js';

const LONGEST = 256;

/** @throws 401 `fields.…BLANK`: the documented status for a login without name or password (chorus-api.md 6) */
export function readLogin(body: unknown): LoginDto {
  const flat = objectOf(body);
  const wrapped = 'session' in flat ? objectOf(flat['session']) : flat;
  const username = textOf(wrapped['username']).trim();
  const password = textOf(wrapped['password']);
  const fields = {
    ...(username === '' && { username: { BLANK: {} } }),
    ...(password === '' && { password: { BLANK: {} } }),
  };
  if (Object.keys(fields).length > 0) throw new DomainError('unauthenticated', { fields });
  // Longer than any name or password can be; not worth hashing.
  if (lengthOf(username) > LONGEST || lengthOf(password) > LONGEST) throw badCredentials();
  return { username, password };
}

export function badCredentials(): DomainError {
  return new DomainError('unauthenticated', {
    fields: { username_or_password: { INVALID: {} } },
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' && !value.includes('\0') ? value : '';
}
