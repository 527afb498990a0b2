import type pg from 'pg';
import { StartupError } from '../common/errors/startup-error.js';
import { ACCOUNT_SECRET } from './connection-targets.js';
import { decryptSecret, encryptSecret } from './credential-cipher.js';

export interface RotationKeys {
  readonly oldKey: string;
  readonly newKey: string;
}

export interface RotationResult {
  /** Passwords that were encrypted with the old key, and are with the new one now. */
  readonly rotated: number;
  /** Passwords that were encrypted with the new one before. */
  readonly already: number;
}

interface Sealed {
  readonly id: number;
  readonly sealed: string;
}

const OTHERS = `SELECT count(*)::int AS n FROM pg_stat_activity
  WHERE datname = current_database() AND application_name LIKE 'fermata%' AND pid <> pg_backend_pid()`;
const READ = `SELECT id, db_password_encrypted AS sealed FROM data_source_accounts
  WHERE db_password_encrypted IS NOT NULL ORDER BY id`;
const WRITE = `UPDATE data_source_accounts SET db_password_encrypted = $2 WHERE id = $1`;

/**
 * Encrypts all stored passwords anew, in one transaction: all or none. Again, it finds nothing to do.
 * @param options.finish goes on where some passwords have the new key already and some the old one
 * @throws StartupError, nothing changed, while a process of the product is connected, when a password opens with neither key,
 *   and for a mixture of keys without `finish`
 */
export async function rotateKey(
  client: pg.Client,
  { oldKey, newKey }: RotationKeys,
  { finish }: { readonly finish: boolean },
): Promise<RotationResult> {
  await client.query('BEGIN');
  try {
    // Nobody saves an account meanwhile.
    await client.query('LOCK TABLE data_source_accounts IN SHARE ROW EXCLUSIVE MODE');
    const [others] = (await client.query<{ n: number }>(OTHERS)).rows;
    if ((others?.n ?? 0) > 0)
      throw new StartupError(
        'processes of Fermata are connected: they would go on with the old key. Stop them first.',
      );
    const { rows } = await client.query<Sealed>(READ);
    const already = rows.filter(({ sealed }) => opened(sealed, newKey) !== null);
    const old = rows.filter((row) => !already.includes(row));
    const unknown = old.filter(({ sealed }) => opened(sealed, oldKey) === null);
    if (unknown.length > 0)
      throw new StartupError(
        `${unknown.length} of ${rows.length} passwords open with neither key (accounts ${listOf(unknown)}): ` +
          'nothing was changed. Find their key, or save these accounts again.',
      );
    if (already.length > 0 && old.length > 0 && !finish)
      throw new StartupError(
        `${already.length} of ${rows.length} passwords have the new key already, ${old.length} the old one: nothing was ` +
          'changed. Something has run with both keys; if that is what you expect, go on with --finish.',
      );
    for (const { id, sealed } of old) {
      const password = opened(sealed, oldKey) ?? '';
      await client.query(WRITE, [id, encryptSecret(password, newKey, ACCOUNT_SECRET)]);
    }
    await client.query('COMMIT');
    return { rotated: old.length, already: already.length };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function opened(sealed: string, key: string): string | null {
  try {
    return decryptSecret(sealed, key, ACCOUNT_SECRET);
  } catch {
    return null;
  }
}

function listOf(rows: readonly Sealed[]): string {
  const shown = rows.slice(0, 20).map(({ id }) => id);
  return shown.join(', ') + (rows.length > shown.length ? ' …' : '');
}
