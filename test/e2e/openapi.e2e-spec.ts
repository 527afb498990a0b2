import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFileSync } from 'node:fs';
import { createLogger } from '../../src/common/observability/logger.js';
import { createServer } from '../../src/start-server.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

describe('the served OpenAPI document', () => {
  const registered = new Set<string>();
  let server: TestServer;
  let app: NestFastifyApplication;
  let client: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    const config = server.config();
    app = await createServer(config, createLogger(config));
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) registered.add(`${one} ${url}`);
      });
    await app.listen(0, '127.0.0.1');
    client = new TestClient(await app.getUrl());
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it('is the committed one, as JSON and as YAML', async () => {
    const committed: unknown = JSON.parse(readFileSync('openapi.json', 'utf8'));
    const served = await client.get('/docs-json');
    expect(served.status).toBe(200);
    expect(served.json).toEqual(committed);
    const yaml = await client.get('/docs-yaml');
    expect(yaml.text).toMatch(/^openapi: 3\.1\.0\n/);
    expect(yaml.text).toContain('operationId: stopWorkfile\n');
  });

  it('has every route that the server has, and no other', async () => {
    const { paths } = (await client.get('/docs-json')).json as { paths: Record<string, object> };
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(
        (method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    const own = [...registered].filter((route) => !/^(HEAD|OPTIONS) | \/docs/.test(route));
    expect(documented.sort()).toEqual(own.sort());
  });
});
