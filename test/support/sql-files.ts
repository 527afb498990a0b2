import type { Answer, TestClient } from './test-client.js';
import { json } from './forms.js';
import type { Observer } from './observer.js';
import { query, type TestServer } from './test-server.js';
import { until } from './wait.js';
import { aWorkfile } from './workfiles.js';

/** The sandbox of the demo world, in its one data source. */
export const SANDBOX = 1_000_006;
export const DATA_SOURCE = 1_000_002;
export const DATABASE = 1_000_001;

let made = 0;

/** A check id that nobody has used. */
export function aCheckId(): string {
  return `check-${(made += 1)}`;
}

/** An SQL file with an execution schema. @returns the path of its executions */
export async function anSqlFile(
  server: TestServer,
  {
    workspaceId = 1_000_008,
    schemaId = SANDBOX,
  }: { readonly workspaceId?: number; readonly schemaId?: number | null } = {},
): Promise<string> {
  const { id } = await aWorkfile(server, { workspaceId, name: `made ${(made += 1)}.sql` });
  await query(
    server.url,
    `UPDATE workfiles SET file_type = 'sql', execution_schema_id = $2 WHERE id = $1`,
    [id, schemaId],
  );
  return `/api/workfiles/${id}/executions`;
}

export function execute(
  client: TestClient,
  path: string,
  sql: string,
  { checkId = aCheckId(), ...others }: { checkId?: string } & Record<string, unknown> = {},
): Promise<Answer> {
  return client.call('POST', path, json({ check_id: checkId, sql, ...others }));
}

export interface SeenSql {
  readonly pid: number;
  readonly tag: string;
  readonly state: string;
  readonly query: string;
}

/** Sessions of ad-hoc SQL as the data source shows them, whatever the product says. */
export async function sqlSessions(observer: Observer): Promise<SeenSql[]> {
  return (await observer.query(
    `SELECT pid, application_name AS tag, state, query FROM pg_stat_activity
     WHERE application_name LIKE 'fermata-sql:%' ORDER BY pid`,
  )) as unknown as SeenSql[];
}

/** Waits until a statement is seen at work in the data source. */
export function seenExecuting(observer: Observer, sql: RegExp): Promise<SeenSql> {
  return until(`${String(sql)} at work`, async () =>
    (await sqlSessions(observer)).find((one) => one.state === 'active' && sql.test(one.query)),
  );
}

/** Makes `"default".slow`, and whoever writes there commit for so long. */
export async function aSlowTable(
  client: TestClient,
  file: string,
  observer: Observer,
  seconds: number,
): Promise<void> {
  await execute(client, file, 'CREATE TABLE slow (n int)');
  await observer.query(
    `CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NULL; END $$`,
  );
  await observer.query(
    `CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON "default".slow DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION public.slowly()`,
  );
}

/** The row of an execution. */
export async function executionOf(
  server: TestServer,
  checkId: string,
): Promise<Record<string, any>> {
  const [row] = await query(
    server.url,
    'SELECT * FROM sql_executions WHERE check_id = $1 ORDER BY started_at DESC LIMIT 1',
    [checkId],
  );
  return row ?? {};
}
