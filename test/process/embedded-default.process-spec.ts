import { describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chownSync, chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ProductProcess, SERVING, startProduct } from '../support/product-process.js';
import { ALPINE_FLOW, AT_WORK } from '../support/runs.js';
import { Observer } from '../support/observer.js';
import { TestClient } from '../support/test-client.js';
import { TEST_KEY } from '../support/test-key.js';
import { copyCluster, query, testFolder } from '../support/test-server.js';
import { until } from '../support/wait.js';

// First starts initialise a cluster and load the demo world.
jest.setTimeout(120_000);

const start = (dataDir: string, environment: Record<string, string> = {}, uid?: number) =>
  startProduct({
    ...SERVING,
    environment: { DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1', ...environment },
    ...(uid !== undefined && { uid }),
  });
/** As a first start leaves it, but with the test's key: initialising takes longer than most of what is seen here. */
const used = (name: string) => {
  const dataDir = testFolder(name);
  copyCluster(join(dataDir, 'postgres'));
  return dataDir;
};
const again = (dataDir: string, environment: Record<string, string> = {}) =>
  start(dataDir, { SECRET_KEY: TEST_KEY, ...environment });
const urlFile = (dataDir: string) => join(dataDir, 'database-url');
const databaseUrl = (dataDir: string) => readFileSync(urlFile(dataDir), 'utf8').trim();
const serverPid = (dataDir: string) =>
  Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0]);
/** Whoever runs the tests as root has seen a first start of root's, when the template was made. @returns his number */
const givenToOrdinaryUser = (dataDir: string) => {
  const own = process.getuid?.();
  if (own !== 0) return own;
  const [uid = 0, gid = 0] = ['-u', '-g'].map((of) => Number(execFileSync('id', [of, 'nobody'])));
  chownSync(dataDir, uid, gid);
  chmodSync(dataDir, 0o700);
  return uid;
};
const usable = async (product: ProductProcess) => {
  const owner = await new TestClient(product.ready).login('owner');
  return (await owner.get(`/api/workfiles/${ALPINE_FLOW}`)).response.status as string;
};

describe('the embedded default', () => {
  it('initialises, serves, stops its server on exit, and finds its data again, for an ordinary user', async () => {
    const dataDir = testFolder('default');
    const uid = givenToOrdinaryUser(dataDir);
    const first = await start(dataDir, {}, uid);
    expect(await usable(first)).toBe('idle');
    expect(first.output()).toContain(
      'Demo logins: chorusadmin, owner, member, outsider; password: secret',
    );
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(uid);
    expect(statSync(urlFile(dataDir)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'secret-key')).mode & 0o777).toBe(0o600);
    await query(databaseUrl(dataDir), `UPDATE users SET title = 'Kept' WHERE id = 1000006`);
    const pid = serverPid(dataDir);

    expect(await first.kill('SIGTERM')).toBe(0);
    await gone(pid);
    expect(existsSync(urlFile(dataDir))).toBe(false);

    const second = await start(dataDir, {}, uid);
    const owner = await new TestClient(second.ready).login('owner');
    expect((await owner.get('/api/sessions')).response.user.title).toBe('Kept');
    expect(await second.kill('SIGINT')).toBe(0);
  });

  it('goes on with the server that a killed process left behind', async () => {
    const dataDir = used('killed');
    const first = await again(dataDir);
    const pid = serverPid(dataDir);
    expect(await first.kill('SIGKILL')).toBe('SIGKILL');
    expect(isAlive(pid)).toBe(true);

    const second = await again(dataDir);
    expect(serverPid(dataDir)).toBe(pid);
    expect(await usable(second)).toBe('idle');
    expect(await second.kill('SIGTERM')).toBe(0);
    await gone(pid);
  });

  it('recovers from a killed server and from a lock file whose pid is somebody else’s', async () => {
    const dataDir = used('crash');
    const first = await again(dataDir);
    const pid = serverPid(dataDir);
    await first.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(true);

    const second = await again(dataDir);
    expect(await usable(second)).toBe('idle');
    await second.kill('SIGTERM');

    const cluster = join(dataDir, 'postgres');
    const { uid, gid } = statSync(cluster);
    const lock = join(cluster, 'postmaster.pid');
    writeFileSync(lock, `${process.pid}\n${cluster}\n1\n5432\n\n127.0.0.1\n`, { mode: 0o600 });
    chownSync(lock, uid, gid);
    const third = await again(dataDir);
    expect(await usable(third)).toBe('idle');
    expect(await third.kill('SIGTERM')).toBe(0);
  });

  it('takes another port when its own is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => {
      blocker.once('error', () => {
        resolve();
      });
      blocker.listen(54_329, '127.0.0.1', resolve);
    });
    const product = await again(used('port'));
    expect(await usable(product)).toBe('idle');
    await product.kill('SIGTERM');
    blocker.close();
  });

  it('survives two first starts at once', async () => {
    const dataDir = testFolder('twins');
    const twins = await Promise.all([start(dataDir), start(dataDir)]);
    for (const twin of twins) expect(await usable(twin)).toBe('idle');
    const [{ n } = {}] = await query(databaseUrl(dataDir), 'SELECT count(*)::int AS n FROM users');
    expect(n).toBe(4);
    const pid = serverPid(dataDir);
    expect(await twins[0].kill('SIGTERM')).toBe(0);
    // The other one still needs the server.
    expect(await usable(twins[1])).toBe('idle');
    expect(await twins[1].kill('SIGTERM')).toBe(0);
    await gone(pid);
  });

  it('takes the known password from the demo logins when DEMO_PASSWORD names another', async () => {
    const dataDir = used('password');
    const first = await again(dataDir);
    const anonymous = new TestClient(first.ready);
    const admin = await anonymous.login('chorusadmin');
    const member = await anonymous.login('member');
    const own = { password: 'of her own', old_password: 'secret' };
    expect((await member.json('PUT', '/api/users/1000007', own)).status).toBe(200);
    await first.kill('SIGTERM');

    // Whether the demo world is wanted or not.
    const second = await again(dataDir, { DEMO_PASSWORD: 'other', DEMO_DATA: 'false' });
    const login = async (username: string, password: string) =>
      (await new TestClient(second.ready).post('/api/sessions', { username, password })).status;
    for (const username of ['chorusadmin', 'owner', 'outsider']) {
      expect([username, await login(username, 'secret')]).toEqual([username, 401]);
      expect([username, await login(username, 'other')]).toEqual([username, 201]);
    }
    expect((await new TestClient(second.ready, admin.cookie).get('/api/sessions')).status).toBe(
      401,
    );
    // What somebody chose stays, and so does the session.
    expect(await login('member', 'other')).toBe(401);
    expect(await login('member', 'of her own')).toBe(201);
    expect((await new TestClient(second.ready, member.cookie).get('/api/sessions')).status).toBe(
      200,
    );
    await second.kill('SIGTERM');
  });

  it('hands over a run that is under way when it is told to exit', async () => {
    const dataDir = used('shutdown');
    const product = await again(dataDir, { SHUTDOWN_GRACE_MS: '100' });
    // A second one keeps the server up, to look afterwards.
    const other = await again(dataDir, { WORKER_CONCURRENCY: '0' });
    const observer = await Observer.on(databaseUrl(dataDir).replace(/fermata$/, 'default'));
    const owner = await new TestClient(product.ready).login('owner');
    const run =
      (await owner.post(`/api/workfiles/${ALPINE_FLOW}/run`)).headers.get('location') ?? '';
    await until('the run is at work', async () =>
      (await observer.tagged()).some(({ query }) => AT_WORK.test(query)),
    );

    // The second one's worker is off: the first one runs it.
    expect(await product.kill('SIGTERM')).toBe(0);

    expect(await observer.tagged()).toEqual([]);
    const later = await new TestClient(other.ready).login('owner');
    expect((await later.get(run)).response).toMatchObject({ status: 'running', error: null });

    // The next one with a worker goes on where it was.
    const third = await again(dataDir);
    await until('the run is at work again', async () =>
      (await observer.tagged()).some(({ query }) => AT_WORK.test(query)),
    );
    const { steps } = (await later.get(run)).response;
    expect(steps.map((step: any) => [step.name, step.status])).toEqual([
      ['credit', 'finished'],
      ['Heavy users', 'finished'],
      ['demographics', 'finished'],
      ['Look-alikes', 'running'],
    ]);
    const answer = await later.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
    expect(answer.response.status).toBe('idle');
    expect(await observer.tagged()).toEqual([]);
    await observer.close();
    await third.kill('SIGTERM');
    await other.kill('SIGTERM');
  });

  it('lists everything that is wrong with its configuration, and ends', async () => {
    const refused = start(testFolder('wrong'), { PORT: 'eighty', LOG_LEVEL: 'loud' });
    await expect(refused).rejects.toThrow(/ended with 1:[^]*PORT must be[^]*LOG_LEVEL must be/);
  });
});

/** The server removes its lock file a moment before it is gone. */
function gone(pid: number): Promise<unknown> {
  return until(`process ${pid} is gone`, () => Promise.resolve(!isAlive(pid)), 5000);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  // A dead one that nobody has waited for is no longer alive.
  return !existsSync(stat) || !/\) Z/.test(readFileSync(stat, 'utf8'));
}
