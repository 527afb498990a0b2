import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { Outage } from '../../src/common/observability/outage.js';
import { makeLasting } from '../../src/common/sql/lasting-pool.js';
import { patientPool } from '../../src/queue/patient-pool.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import '../support/quiet.js';

const END_SESSIONS = `
  import pg from 'pg';
  const client = new pg.Client(process.argv[1]);
  await client.connect();
  const { rowCount } = await client.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'patient'",
  );
  await client.end();
  console.log(rowCount);
`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('lends a connection that answers although those kept were just ended, unheard', async () => {
  const pool = new pg.Pool({
    connectionString: server.url,
    max: 3,
    application_name: 'patient',
  });
  makeLasting(pool);
  pool.on('error', () => undefined);
  const kept = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of kept) client.release();
  const patient = patientPool(pool, new Outage(new Logger(), 'the queue'));

  // This process hears nothing meanwhile: what the server says waits in its sockets.
  const ended = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', END_SESSIONS, server.url],
    { encoding: 'utf8' },
  );
  expect(ended).toMatchObject({ stdout: '3\n', status: 0 });
  const client = await patient.connect();
  await client.query('LISTEN bullmq_jobs');
  client.release();
  await pool.end();
});
