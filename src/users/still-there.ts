import type { EntityManager } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { NotAuthenticated } from '../common/errors/domain-error.js';

/**
 * Whether a user is not deleted, and he is not until the transaction ends: whoever deletes him waits, and then finds what it
 * left. Deleting locks a user before his accounts; so this comes before any lock of those.
 */
export async function isStillThere(tx: EntityManager, id: number): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    'SELECT FROM users WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE',
    [id],
  );
  return rows.length > 0;
}

/** For what takes its time before it writes. @throws NotAuthenticated when the sender was deleted meanwhile */
export async function assertStillThere(tx: EntityManager, { id }: Viewer): Promise<void> {
  if (!(await isStillThere(tx, id))) throw new NotAuthenticated();
}
