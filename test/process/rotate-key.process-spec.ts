import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decryptSecret, encryptSecret } from '../../src/data-sources/credential-cipher.js';
import { anSqlFile, execute } from '../support/sql-files.js';
import { SERVING, startProduct } from '../support/product-process.js';
import { startTestApp } from '../support/test-app.js';
import { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { query, startTestServer, testFolder, type TestServer } from '../support/test-server.js';

const ROOT = join(import.meta.dirname, '../..');
const NEW_KEY = 'ab'.repeat(32);
const THIRD_KEY = 'cd'.repeat(32);
const CONTEXT = 'data_source_accounts';

interface Account {
  readonly id: number;
  readonly secret: string;
}

describe('rotate-key', () => {
  let server: TestServer;
  let original: Account[];

  beforeAll(async () => {
    server = await startTestServer();
    original = await accounts();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    for (const account of original) await store(account);
  });

  const accounts = () =>
    query<Account & Record<string, unknown>>(
      server.url,
      'SELECT id, db_password_encrypted AS secret FROM data_source_accounts ORDER BY id',
    ) as Promise<Account[]>;
  const store = ({ id, secret }: Account) =>
    query(server.url, 'UPDATE data_source_accounts SET db_password_encrypted = $2 WHERE id = $1', [
      id,
      secret,
    ]);
  const passwordOf = (account: Account, key: string) => decryptSecret(account.secret, key, CONTEXT);
  const rotate = (environment: Record<string, string>, ...options: string[]) =>
    command({ DATABASE_URL: server.url, ...environment }, options);
  const KEYS = { OLD_SECRET_KEY: TEST_KEY, NEW_SECRET_KEY: NEW_KEY };

  it('encrypts every password anew, and again finds nothing to do', async () => {
    const passwords = original.map((account) => passwordOf(account, TEST_KEY));
    const first = await rotate(KEYS);
    expect(first).toEqual({
      code: 0,
      output: '3 passwords encrypted anew, 0 had the new key already.\n',
    });
    const after = await accounts();
    expect(after.map((account) => passwordOf(account, NEW_KEY))).toEqual(passwords);
    for (const account of after) expect(() => passwordOf(account, TEST_KEY)).toThrow();
    expect((await rotate(KEYS)).output).toBe(
      '0 passwords encrypted anew, 3 had the new key already.\n',
    );
    expect(await accounts()).toEqual(after);
    const app = await startTestApp(server.config({ SECRET_KEY: NEW_KEY, WORKER_CONCURRENCY: '0' }));
    const answer = await execute(await app.as('owner'), await anSqlFile(server), 'SELECT 1');
    expect(answer.status).toBe(200);
    await app.close();
  });

  it('changes nothing when a password opens with neither key', async () => {
    await store({ ...original[1]!, secret: encryptSecret('marker-4711', THIRD_KEY, CONTEXT) });
    const before = await accounts();
    for (const options of [[], ['--finish']]) {
      const { code, output } = await rotate(KEYS, ...options);
      expect(code).toBe(1);
      expect(output).toContain(
        `1 of 3 passwords open with neither key (accounts ${original[1]!.id})`,
      );
      expect(output).not.toContain('marker-4711');
      expect(await accounts()).toEqual(before);
    }
  });

  it('refuses a mixture of keys unless it is told to finish', async () => {
    await store({ ...original[0]!, secret: encryptSecret('one', NEW_KEY, CONTEXT) });
    const before = await accounts();
    const refused = await rotate(KEYS);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('1 of 3 passwords have the new key already, 2 the old one');
    expect(await accounts()).toEqual(before);
    expect((await rotate(KEYS, '--finish')).output).toBe(
      '2 passwords encrypted anew, 1 had the new key already.\n',
    );
    for (const account of await accounts()) expect(passwordOf(account, NEW_KEY)).not.toBe('');
  });

  it('refuses while a process is connected that has the old key', async () => {
    const app = await startTestApp(server.config({ WORKER_CONCURRENCY: '0' }));
    const { code, output } = await rotate(KEYS);
    await app.close();
    expect(code).toBe(1);
    expect(output).toContain('Stop them first');
    expect(await accounts()).toEqual(original);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no new key', { OLD_SECRET_KEY: TEST_KEY }, 'NEW_SECRET_KEY must be 64'],
    ['a short new key', { ...KEYS, NEW_SECRET_KEY: 'abc123' }, 'NEW_SECRET_KEY must be 64'],
    ['a bad old key', { ...KEYS, OLD_SECRET_KEY: 'xyz' }, 'OLD_SECRET_KEY must be 64'],
    ['no old key', { NEW_SECRET_KEY: NEW_KEY }, 'OLD_SECRET_KEY must be set'],
    ['one key twice', { ...KEYS, NEW_SECRET_KEY: TEST_KEY.toUpperCase() }, 'are the same'],
    [
      'no database',
      { ...KEYS, DATABASE_URL: 'postgres://a:marker-4711@127.0.0.1:1/x' },
      'DATABASE_URL cannot be used',
    ],
  ])('refuses %s in one line without a secret', async (_what, environment, message) => {
    const { code, output } = await rotate(environment);
    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(output.trim().split('\n')).toHaveLength(1);
    for (const secret of [TEST_KEY, NEW_KEY, 'abc123', 'xyz', 'marker-4711'])
      expect(output).not.toContain(secret);
  });

  it('replaces the key that the embedded default keeps', async () => {
    const dataDir = testFolder('rotated');
    const environment = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' };
    const first = await startProduct({ ...SERVING, environment });
    await first.kill('SIGTERM');
    const { code, output } = await command({ DATA_DIR: dataDir, NEW_SECRET_KEY: NEW_KEY }, []);
    expect([code, output]).toEqual([0, expect.stringMatching(/^3 passwords encrypted anew/)]);
    expect(readFileSync(join(dataDir, 'secret-key'), 'utf8')).toBe(NEW_KEY);
    const second = await startProduct({ ...SERVING, environment });
    const owner = await new TestClient(second.ready).login('owner');
    const databases = await owner.get('/api/data_sources/1000002/databases');
    expect(databases.status).toBe(200);
    await second.kill('SIGTERM');
  }, 120_000);
});

/** The command as `npm run rotate-key` gives it. */
function command(
  environment: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bundle/rotate-key.js'), ...options], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}
