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
    // Some are asked for only by a request.
    const refused =
      script === 'main.js' && (await fetch(`${product.ready}/api/sessions`, { method: 'POST' }));
    expect(await product.kill('SIGTERM')).toBe(0);
    if (refused !== false) expect(refused.status).toBe(401);

    const modules = readFileSync(list, 'utf8').split('\n');
    // Loading is most of a start; unbundled, there are 3,300.
    expect(modules.length).toBeLessThan(1500);
    const outside = packagesOf(modules);
    expect([...outside]).toEqual(expect.arrayContaining(['typeorm', 'pg']));
    expect(bundled).toEqual(expect.arrayContaining(['@nestjs/core', 'bullmq']));
    expect([...outside].filter((name) => bundled.includes(name))).toEqual([]);
  });
});
