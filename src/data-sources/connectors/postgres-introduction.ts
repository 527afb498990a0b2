import type pg from 'pg';
import type { SessionIdentity } from './connector.js';
import { OWN_HANDLE } from './postgres-control.js';
import type { Server } from './postgres-run-session.js';

/** What a new session says of itself. */
interface Introduction {
  readonly identity: SessionIdentity;
  readonly server: Server;
}

interface Own extends SessionIdentity, Server {
  readonly ageMs: number;
}

export interface Bounds {
  readonly statementTimeoutMs: number;
  /** As the data source writes it. */
  readonly tempFileLimit: string;
}

/** A session begins when the server hears of it, so it is younger than our wish; clocks may be set meanwhile. */
const CLOCKS_MS = 200;

/** The session is older than our connection: whoever had it before us has its pid and start on record, too. */
export class SharedSession extends Error {
  constructor() {
    super('the session is not a new one: a connection pooler gives it to one after the other');
    this.name = 'SharedSession';
  }
}

/**
 * @param begun when the connection was begun, by `performance.now()`
 * @param timeoutMs behind a network that has gone silent an answer never comes, and whoever stops the run would wait for it
 * @throws SharedSession; what the query throws
 */
export async function introduce(
  client: pg.Client,
  begun: number,
  timeoutMs: number,
): Promise<Introduction> {
  const bound = { query_timeout: timeoutMs };
  const { rows } = await client.query<Own>({ text: OWN_HANDLE, ...bound });
  const [own] = rows;
  if (own === undefined) throw new Error('the data source does not show our own session');
  const { pid, backendStart, roleId, ageMs, ...server } = own;
  if (ageMs > performance.now() - begun + CLOCKS_MS) throw new SharedSession();
  return { identity: { pid, backendStart, roleId }, server };
}

/** Sets what the server knows and lets this role set. @param timeoutMs as above */
export async function bind(
  client: pg.Client,
  { seesLostClients, isSuperuser }: Server,
  { statementTimeoutMs, tempFileLimit }: Bounds,
  timeoutMs: number,
): Promise<void> {
  const bounds = [
    ['statement_timeout', String(statementTimeoutMs)],
    ...(seesLostClients ? [['client_connection_check_interval', '1s']] : []),
    ...(isSuperuser ? [['temp_file_limit', tempFileLimit]] : []),
  ];
  const settings = bounds.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`);
  const text = `SELECT ${settings.join(', ')}`;
  const bound = { query_timeout: timeoutMs };
  await client.query({ text, values: bounds.flat(), ...bound });
}
