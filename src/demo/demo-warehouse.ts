import { createHmac } from 'node:crypto';
import pg from 'pg';
import { ident } from '../common/sql/sql.js';
import type { AppConfig } from '../config/app-config.js';

/** The data source of the demo world: a database of its own, reached by a role that is no superuser. */
export const DEMO_DATABASE = 'default';
export const DEMO_ROLE = 'fermata_demo';
export const DEMO_SCHEMA = 'demo';
export const SANDBOX_SCHEMA = 'default';

// Values come from the row number alone, so that every installation has the same rows. Multipliers are primes, which
// spread the columns without a pattern between them.
const CONTENTS = `
  CREATE SCHEMA demo;
  CREATE SCHEMA "default";

  CREATE TABLE demo.credit (
    id bigint PRIMARY KEY,
    times90dayslate int NOT NULL,
    revolving_util numeric NOT NULL,
    debt_ratio numeric NOT NULL,
    credit_lines int NOT NULL,
    monthly_income numeric,
    times30dayslate_2years int NOT NULL,
    srsdlqncy int NOT NULL
  );
  INSERT INTO demo.credit
  SELECT i,
    CASE WHEN i * 7919 % 100 < 6 THEN i * 31 % 5 + 1 ELSE 0 END,
    round((i * 104729 % 10007) / 10007.0, 6),
    round((i * 15485863 % 20011) / 14000.0, 6),
    CASE WHEN i * 6151 % 1009 < 45 THEN 8 + i * 17 % 9 ELSE i * 3571 % 8 END,
    CASE WHEN i * 8699 % 1013 < 40 THEN NULL ELSE round(1200 + (i * 32452843 % 700001) / 70.0, 2) END,
    i * 2750159 % 4,
    CASE WHEN i * 49979687 % 1000 < 67 THEN 1 ELSE 0 END
  FROM generate_series(1::bigint, 60000) AS i;

  CREATE TABLE demo.demographics (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    age bigint NOT NULL,
    num_dep int NOT NULL,
    edu int NOT NULL
  );
  INSERT INTO demo.demographics
  SELECT i,
    (ARRAY['Ada', 'Ben', 'Chloé', 'Dmitri', 'Emiko', 'Farid', 'Grace', 'Håkon', 'Inés', 'José', 'Kofi', 'Linh'])[i * 5 % 12 + 1]
      || ' ' || (ARRAY['Adams', 'Brown', 'Castro', 'Dubois', 'Eriksen', 'Fischer', 'García', 'Hansen', 'Ito',
        'Jansen', 'Kaya', 'López', 'O''Neil'])[i * 7 % 13 + 1],
    18 + i * 86028121 % 73,
    i * 67867967 % 4,
    i * 373587883 % 6
  FROM generate_series(1::bigint, 60000) AS i;

  CREATE TABLE demo.golfnew (outlook text, temperature bigint, humidity bigint, wind text, play text);
  INSERT INTO demo.golfnew VALUES
    ('sunny', 85, 85, 'false', 'no'), ('sunny', 80, 90, 'true', 'no'), ('overcast', 83, 78, 'false', 'yes'),
    ('rain', 70, 96, 'false', 'yes'), ('rain', 68, 80, 'false', 'yes'), ('rain', 65, 70, 'true', 'no'),
    ('overcast', 64, 65, 'true', 'yes'), ('sunny', 72, 95, 'false', 'no'), ('sunny', 69, 70, 'false', 'yes'),
    ('rain', 75, 80, 'false', 'yes'), ('sunny', 75, 70, 'true', 'yes'), ('overcast', 72, 90, 'true', 'yes'),
    ('overcast', 81, 75, 'false', 'yes'), ('rain', 71, 80, 'true', 'no');

  CREATE TABLE "default".credit_sample AS SELECT * FROM demo.credit WHERE id % 60 = 0;
  CREATE TABLE "default".golf_played AS SELECT * FROM demo.golfnew WHERE play = 'yes';
  CREATE VIEW "default".age_groups AS
    SELECT age / 10 * 10 AS age_from, count(*) AS people FROM demo.demographics GROUP BY 1;
  CREATE VIEW "default".late_payers AS SELECT * FROM demo.credit WHERE times90dayslate > 0;
`;

/** The data of the demo world as its data source account sees it, its own sessions included. */
export function demoDataUrl({
  databaseUrl,
  secretKey,
}: Pick<AppConfig, 'databaseUrl' | 'secretKey'>): string {
  if (databaseUrl === null || secretKey === null) throw new Error('there is no demo world yet');
  const url = new URL(databaseUrl);
  url.pathname = `/${DEMO_DATABASE}`;
  url.username = DEMO_ROLE;
  url.password = demoRolePassword(secretKey);
  return url.href;
}

/** Same key, same password: loading it once more does not lock anybody out. */
export function demoRolePassword(secretKey: string): string {
  return createHmac('sha256', Buffer.from(secretKey, 'hex')).update(DEMO_ROLE).digest('base64url');
}

/**
 * Makes role, database and tables, and leaves alone what is there. The tables come in one transaction: whole or not.
 * @param adminUrl a role that may create roles and databases
 */
export async function loadDemoWarehouse(adminUrl: string, secretKey: string): Promise<void> {
  const password = demoRolePassword(secretKey);
  await withClient(adminUrl, async (admin) => {
    const roles = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [DEMO_ROLE]);
    const verb = roles.rowCount === 0 ? 'CREATE' : 'ALTER';
    await admin.query(
      `${verb} ROLE ${DEMO_ROLE} LOGIN NOSUPERUSER PASSWORD ${pg.escapeLiteral(password)}`,
    );
    const databases = await admin.query('SELECT FROM pg_database WHERE datname = $1', [
      DEMO_DATABASE,
    ]);
    const name = ident(DEMO_DATABASE).text;
    if (databases.rowCount === 0) await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`GRANT CREATE ON DATABASE ${name} TO ${DEMO_ROLE}`);
  });
  const url = demoDataUrl({ databaseUrl: adminUrl, secretKey });
  await withClient(url, async (client) => {
    const found = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [DEMO_SCHEMA]);
    if (found.rowCount === 0) await client.query(`BEGIN; ${CONTENTS} COMMIT`);
  });
  await withClient(url, (client) => client.query('ANALYZE'));
}

async function withClient(
  connectionString: string,
  use: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'fermata-demo-loader' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
