import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVING, startProduct, WORKING } from '../support/product-process.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const ROOT = join(import.meta.dirname, '../..');
const HOOK = join(ROOT, 'test/support/loaded-modules.mjs');

/** Names of the packages that these modules are parts of. */
const packagesOf = (modules: readonly string[]) =>
  new Set(
    modules.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );

/** Files are found from within the bundle, and what only a request asks for is there. */
async function isWhole(url: string): Promise<void> {
  const document: unknown = await (await fetch(`${url}/docs-json`)).json();
  expect(document).toEqual(JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')));
  const login = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'owner', password: 'secret' }),
  });
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  for (const path of ['/images/general/default-user.png', '/docs/swagger-ui-bundle.js'])
    expect((await fetch(url + path, { headers: { cookie } })).status).toBe(200);
}

describe('the processes that are started', () => {
  let server: TestServer;
  let folder: string;
  const bundled = JSON.parse(
    readFileSync(join(ROOT, 'dist/bundle/libraries.json'), 'utf8'),
  ) as readonly string[];

  beforeAll(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'fermata-bundle-'));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  // A second one would have a state of its own: decorators that nobody sees, types that are no instances.
  it.each([
    ['main.js', SERVING],
    ['worker.js', WORKING],
  ])('%s has each library once: bundled, or outside', async (script, start) => {
    const list = join(folder, script);
    const product = await startProduct({
      ...start,
      environment: {
        ...server.environment({ PORT: '0' }),
        NODE_OPTIONS: `--import ${HOOK}`,
        LOADED_MODULES: list,
      },
    });
    if (script === 'main.js') await isWhole(product.ready);
    expect(await product.kill('SIGTERM')).toBe(0);

    const modules = readFileSync(list, 'utf8').split('\n');
    // Loading is most of a start; unbundled, there are 3,300.
    expect(modules.length).toBeLessThan(1500);
    const outside = packagesOf(modules);
    expect([...outside]).toEqual(expect.arrayContaining(['typeorm', 'pg']));
    expect(bundled).toEqual(expect.arrayContaining(['@nestjs/core', 'bullmq']));
    expect([...outside].filter((name) => bundled.includes(name))).toEqual([]);
  });
});
