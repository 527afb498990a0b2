import type { EntityManager } from 'typeorm';

// Any number will do, as long as nothing else in the metadata database uses it.
const ADMINISTRATORS_LOCK = 4_101;

/**
 * Whoever takes the last administrator away must wait for whoever is doing so already. Held until the end of the
 * transaction; always the first lock that it takes.
 */
export async function lockAdministrators(tx: EntityManager): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
}

/** Site administrators who can log in. */
export async function administrators(tx: EntityManager): Promise<ReadonlySet<number>> {
  const rows = await tx.query<{ id: number }[]>(
    `SELECT id FROM users u WHERE deleted_at IS NULL AND deactivated_at IS NULL
       AND (site_admin OR EXISTS (SELECT FROM user_roles r WHERE r.user_id = u.id AND r.role = 'admin'))`,
  );
  return new Set(rows.map(({ id }) => id));
}
