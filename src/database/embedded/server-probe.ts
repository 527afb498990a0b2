import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 2000;
/** Pauses between looks for others. */
const LEAVING_MS = [20, 50, 100, 200, 400, 0];
const DUPLICATE_DATABASE = ['42P04', '23505'];

/** Creates the database unless it is there; two starters at once both succeed. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (known.rowCount === 1) return;
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      if (!DUPLICATE_DATABASE.includes((error as { code?: string }).code ?? '')) throw error;
    }
  });
}

/**
 * True when no client but the asking one is connected; false also when the server does not answer. Sessions of those who
 * have just left, the asking process among them, are given a moment to end.
 */
export async function isLastClient(adminUrl: string): Promise<boolean> {
  try {
    return await withClient(adminUrl, async (client) => {
      for (const pauseMs of LEAVING_MS) {
        const { rows } = await client.query<{ others: boolean }>(
          `SELECT EXISTS (SELECT FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS others`,
        );
        if (rows[0]?.others === false) return true;
        await sleep(pauseMs);
      }
      return false;
    });
  } catch {
    return false;
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
