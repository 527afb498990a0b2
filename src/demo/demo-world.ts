import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource as OrmDataSource, QueryRunner } from 'typeorm';
import { hashPassword } from '../users/passwords.js';
import { ident } from '../common/sql/sql.js';
import type { AppConfig } from '../config/app-config.js';
import { ACCOUNT_SECRET } from '../data-sources/connection-targets.js';
import { encryptSecret } from '../data-sources/credential-cipher.js';
import * as rows from './demo-rows.js';
import { DEMO_DATABASE, DEMO_ROLE, demoRolePassword, loadDemoWarehouse } from './demo-warehouse.js';
import { insertRows } from './insert-rows.js';

const ASSETS = join(import.meta.dirname, 'assets');
const ADVISORY_LOCK = 1_000_004;
const WITH_IDS = [
  'users',
  'workspace_stages',
  'data_sources',
  'databases',
  'schemas',
  'workspaces',
  'datasets',
  'workfiles',
  'workfile_versions',
];

export interface DemoServer {
  readonly host: string;
  readonly port: number;
  /** A role there that may create roles and databases. */
  readonly adminUrl: string;
}

interface Loading {
  readonly orm: OrmDataSource;
  readonly config: Pick<AppConfig, 'demoPassword' | 'secretKey'>;
  readonly server: DemoServer;
  readonly today: Date;
}

/** Loads the documented world once; several processes may try at the same time. */
export async function loadDemoWorld(loading: Loading): Promise<'loaded' | 'present'> {
  const db = loading.orm.createQueryRunner();
  try {
    await db.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const present = (await db.query('SELECT FROM workfiles WHERE id = $1', [
      rows.ALPINE_FLOW,
    ])) as unknown[];
    if (present.length > 0) return 'present';
    const { secretKey } = loading.config;
    if (secretKey === null) throw new Error('the demo world needs SECRET_KEY');
    await loadDemoWarehouse(loading.server.adminUrl, secretKey);
    const sealed = encryptSecret(demoRolePassword(secretKey), secretKey, ACCOUNT_SECRET);
    await db.startTransaction();
    try {
      await insertWorld(db, loading, sealed);
      await db.commitTransaction();
    } catch (error) {
      await db.rollbackTransaction();
      throw error;
    }
    return 'loaded';
  } finally {
    await db.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]).catch(() => undefined);
    await db.release();
  }
}

/** The embedded server may come up on another port than last time. */
export async function pointDemoAt(
  orm: OrmDataSource,
  { host, port }: Pick<DemoServer, 'host' | 'port'>,
): Promise<void> {
  await orm.query(
    'UPDATE data_sources SET host = $2, port = $3 WHERE id = $1 AND (host, port) IS DISTINCT FROM ($2, $3)',
    [rows.DATA_SOURCE, host, port],
  );
}

async function insertWorld(
  db: QueryRunner,
  { config, server, today }: Loading,
  sealedRolePassword: string,
): Promise<void> {
  const insert = (table: string, all: readonly object[]) =>
    insertRows(db, table, all as readonly Record<string, unknown>[]);

  const users = rows.USERS.map(async (user) => ({
    ...user,
    password_hash: await hashPassword(config.demoPassword),
  }));
  await insert('users', await Promise.all(users));
  await insert('user_roles', rows.USER_ROLES);
  const [original, icon] = await Promise.all([asset('User.png'), asset('User-icon.png')]);
  await insert('images', [{ ...rows.OWNER_IMAGE, original, icon }]);

  const { host, port } = server;
  const places = rows.DATA_SOURCES.map((source) => ({
    ...source,
    host,
    port,
    db_name: DEMO_DATABASE,
  }));
  await insert('data_sources', places);
  await insert(
    'data_source_accounts',
    [rows.OWNER, rows.MEMBER, rows.ADMIN].map((owner_id) => ({
      data_source_id: rows.DATA_SOURCE,
      owner_id,
      db_username: DEMO_ROLE,
      db_password_encrypted: sealedRolePassword,
    })),
  );
  await insert('databases', rows.DATABASES);
  await insert('schemas', rows.SCHEMAS);

  await renumberStages(db);
  await insert('workspaces', rows.WORKSPACES);
  await insert('memberships', rows.MEMBERSHIPS);
  await insert('milestones', rows.MILESTONES);
  await insert('datasets', rows.DATASETS);
  await insert('associated_datasets', rows.ASSOCIATED_DATASETS);
  await insert('events', rows.notesOf(today));
  await insertWorkfiles(db, insert);
  for (const table of WITH_IDS) await continueAfter(db, table);
}

async function insertWorkfiles(
  db: QueryRunner,
  insert: (table: string, all: readonly object[]) => Promise<void>,
): Promise<void> {
  await insert('workfiles', [...rows.WORKFILES, ...rows.FILES.map(({ workfile }) => workfile)]);
  await insert(
    'workfile_versions',
    rows.FILES.map(({ version }) => version),
  );
  await db.query(
    `UPDATE workfiles SET latest_version_id = version.id
     FROM workfile_versions version WHERE version.workfile_id = workfiles.id`,
  );
  const [alpine, golf] = await Promise.all([asset('alpine_flow.afm'), asset('golf_days.afm')]);
  const flows = [
    { workfile_id: rows.ALPINE_FLOW, afm: alpine },
    { workfile_id: rows.GOLF_FLOW, afm: golf },
    { workfile_id: rows.PRIVATE_FLOW, afm: golf },
    { workfile_id: rows.ARCHIVED_FLOW, afm: golf },
  ];
  await insert(
    'workfile_flows',
    flows.map(({ workfile_id, afm }) => ({ workfile_id, afm: afm.toString('utf8') })),
  );
  await insert(
    'workfile_execution_locations',
    flows.map(({ workfile_id }) => ({ workfile_id, database_id: rows.DATABASE })),
  );
  await insert('worklets', rows.WORKLETS);
  await insert('worklet_parameters', rows.WORKLET_PARAMETERS);
}

/** Stages that are there take the documented id and words; workspaces in them follow. */
async function renumberStages(db: QueryRunner): Promise<void> {
  for (const stage of rows.STAGES) {
    const { id, name, position, is_default, description_long, description_short } = stage;
    await db.query(
      `INSERT INTO workspace_stages (id, name, position, is_default, description_long, description_short)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (name) DO UPDATE SET id = excluded.id, description_long = excluded.description_long,
         description_short = excluded.description_short`,
      [id, name, position, is_default, description_long, description_short],
    );
  }
}

/** Rows that are made later go on after the documented ids. */
async function continueAfter(db: QueryRunner, table: string): Promise<void> {
  const name = ident(table).text;
  await db.query(
    `SELECT setval(pg_get_serial_sequence($1, 'id'), max(id)) FROM ${name} HAVING max(id) IS NOT NULL`,
    [table],
  );
}

function asset(name: string): Promise<Buffer> {
  return readFile(join(ASSETS, name));
}
