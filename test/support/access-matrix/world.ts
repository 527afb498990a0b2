import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { ADMIN, DEMO_SOURCE, MEMBER, OUTSIDER, OWNER } from '../data-sources.js';
import type { TestApp } from '../test-app.js';
import { TestClient } from '../test-client.js';
import { query, type TestServer } from '../test-server.js';

/** Who asks. `expired` holds a session of the administrator that was idle for too long. */
export type Actor = 'nobody' | 'expired' | 'outsider' | 'member' | 'owner' | 'admin';

/** Part of every name that only those may read who may see the thing. */
export const HIDDEN = 'hidden-from-others';

export const USER_IDS: Readonly<Record<Actor, number>> = {
  nobody: 0,
  expired: ADMIN,
  outsider: OUTSIDER,
  member: MEMBER,
  owner: OWNER,
  admin: ADMIN,
};

export interface StoredSource {
  readonly id: number;
  readonly databaseId: number;
  readonly schemaId: number;
  readonly datasetId: number;
}

/** Makes the objects that requests are about, as rows, over one connection. */
export class World {
  private made = 0;
  private closed: Promise<StoredSource> | undefined;

  private constructor(
    readonly server: TestServer,
    readonly app: TestApp,
    private readonly client: pg.Client,
    private readonly clients: Readonly<Record<Actor, TestClient>>,
  ) {}

  static async open(server: TestServer, app: TestApp): Promise<World> {
    const client = new pg.Client({ connectionString: server.url, application_name: 'test-world' });
    await client.connect();
    const expired = await app.as('chorusadmin');
    await query(server.url, `UPDATE sessions SET updated_at = now() - interval '481 minutes'`);
    const [outsider, member, owner, admin] = (await Promise.all(
      ['outsider', 'member', 'owner', 'chorusadmin'].map((name) => app.as(name)),
    )) as [TestClient, TestClient, TestClient, TestClient];
    return new World(server, app, client, {
      ...{ nobody: app.anonymous, expired, outsider, member, owner, admin },
    });
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  as(actor: Actor): TestClient {
    return this.clients[actor];
  }

  async one<Row extends object = { readonly id: number }>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row> {
    const { rows } = await this.client.query<Row & pg.QueryResultRow>(text, [...values]);
    return rows[0]!;
  }

  name(): string {
    return `${HIDDEN} ${(this.made += 1)}`;
  }

  /**
   * Of the owner, with the member in it. An archived one will be so from tomorrow: what still waits there would be stopped after
   * some seconds, while nothing may move. @returns its id
   */
  async workspace({
    public: isPublic = false,
    archived = false,
    ownerId = OWNER,
    memberId = MEMBER,
    role = 'Project Member',
  } = {}): Promise<number> {
    const { id } = await this.one(
      `WITH made AS (INSERT INTO workspaces (name, public, owner_id, archived_at, archiver_id)
         VALUES ($1, $2, $3::int, CASE WHEN $4 THEN now() + interval '1 day' END, CASE WHEN $4 THEN $3::int END) RETURNING id),
       members AS (INSERT INTO memberships (workspace_id, user_id, role)
         SELECT made.id, one.user_id, $6 FROM made, unnest(ARRAY[$3::int, $5::int]) AS one (user_id)
         GROUP BY 1, 2)
       SELECT id FROM made`,
      [this.name(), isPublic, ownerId, archived, memberId, role],
    );
    return id;
  }

  /** @param versions how many */
  async file(workspaceId: number, { schemaId = null as number | null, versions = 1 } = {}) {
    const { id } = await this.one(
      `INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type, execution_schema_id)
       VALUES ('file', $1, $2, $3, 'sql', $4) RETURNING id`,
      [workspaceId, OWNER, `${this.name()}.sql`, schemaId],
    );
    const { id: versionId } = await this.one(
      `WITH saved AS (INSERT INTO workfile_versions
         (workfile_id, version_num, owner_id, modifier_id, file_name, content_type, size_bytes, contents)
         SELECT $1, n, $2, $2, 'a.sql', 'text/plain', 9, 'SELECT 1;'::bytea FROM generate_series(1, $3::int) AS n
         RETURNING id),
       latest AS (SELECT max(id) AS id FROM saved)
       UPDATE workfiles SET latest_version_id = latest.id FROM latest WHERE workfiles.id = $1 RETURNING latest.id`,
      [id, OWNER, versions],
    );
    return { id, versionId };
  }

  /** That runs in the demo data source, or in another database. */
  async workflow(workspaceId: number, afm = '<Process/>', databaseId = 1_000_001): Promise<number> {
    const { id } = await this.one(
      `WITH made AS (INSERT INTO workfiles (kind, workspace_id, owner_id, file_name, file_type)
         VALUES ('workflow', $1, $2, $3, 'work_flow') RETURNING id),
       flow AS (INSERT INTO workfile_flows (workfile_id, afm) SELECT id, $4 FROM made),
       place AS (INSERT INTO workfile_execution_locations (workfile_id, database_id) SELECT id, $5 FROM made)
       SELECT id FROM made`,
      [workspaceId, OWNER, this.name(), afm, databaseId],
    );
    return id;
  }

  /** Nobody takes it where no worker is. @returns its id */
  async queuedRun(workfileId: number): Promise<string> {
    const id = randomUUID();
    await this.one(
      `INSERT INTO runs (id, workfile_id, requested_by, snapshot, data_source_ids)
       VALUES ($1, $2, $3, $4, ARRAY[$5::int])`,
      [id, workfileId, OWNER, { afm: '<Process/>', locations: [], variables: [] }, DEMO_SOURCE],
    );
    return id;
  }

  /** A data source of the outsider's in which nobody has an account. */
  closedSource(): Promise<StoredSource> {
    return (this.closed ??= this.source({ ownerId: OUTSIDER }));
  }

  /** The test server's data as a data source that nothing looks at unasked. */
  async source({
    kind = 'pg_data_source',
    ownerId = OWNER,
    shared = false,
    state = 'online',
    details = {},
    accountsOf = [] as readonly number[],
  } = {}): Promise<StoredSource> {
    const { id } = await this.one(
      `INSERT INTO data_sources (kind, name, host, port, db_name, owner_id, shared, state, auto_refresh, details)
       SELECT $1, $2, host, port, db_name, $3, $4, $5, false, $7 FROM data_sources WHERE id = $6 RETURNING id`,
      [kind, `source ${(this.made += 1)}`, ownerId, shared, state, DEMO_SOURCE, details],
    );
    await this.one(
      `INSERT INTO data_source_accounts (data_source_id, owner_id, db_username, db_password_encrypted)
       SELECT $1, one.owner_id, used.db_username, used.db_password_encrypted
       FROM unnest($2::int[]) AS one (owner_id), data_source_accounts used
       WHERE used.data_source_id = $3 AND used.owner_id = $4`,
      [id, accountsOf, DEMO_SOURCE, OWNER],
    );
    const places = await this.one<Omit<StoredSource, 'id'>>(
      `WITH db AS (INSERT INTO databases (data_source_id, name) VALUES ($1, 'default') RETURNING id),
       sch AS (INSERT INTO schemas (database_id, name) SELECT id, 'demo' FROM db RETURNING id),
       tab AS (INSERT INTO datasets (kind, name, schema_id) SELECT 'table', 'golfnew', id FROM sch RETURNING id)
       SELECT db.id AS "databaseId", sch.id AS "schemaId", tab.id AS "datasetId" FROM db, sch, tab`,
      [id],
    );
    return { id, ...places };
  }

  /** One that is over. @returns its check id */
  async execution(
    userId: number,
    subject: { readonly workfileId?: number; readonly datasetId?: number },
  ): Promise<string> {
    const checkId = randomUUID();
    await this.one(
      `INSERT INTO sql_executions (id, check_id, user_id, workfile_id, dataset_id, database_id, account_id, process_id,
         lease_until, ended_at, outcome)
       SELECT gen_random_uuid(), $1, $2, $3, $4, 1000001, min(id), 'gone', now(), now(), 'committed'
       FROM data_source_accounts WHERE data_source_id = $5`,
      [checkId, userId, subject.workfileId ?? null, subject.datasetId ?? null, DEMO_SOURCE],
    );
    return checkId;
  }

  async picture(owner: 'user_id' | 'workspace_id', id: number): Promise<void> {
    await this.one(
      `INSERT INTO images (${owner}, file_name, content_type, original, icon)
       SELECT $1, file_name, content_type, original, icon FROM images LIMIT 1`,
      [id],
    );
  }
}
