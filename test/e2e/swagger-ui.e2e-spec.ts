import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { artifact, chromiumPath, startBrowser } from '../support/browser.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, seenWorking } from '../support/runs.js';
import { SwaggerPage } from '../support/swagger-page.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const WORKSPACE = '1000008';
const chromium = chromiumPath();
if (chromium === null)
  console.warn('Swagger UI is not tested: no Chromium. On Debian: apt-get install chromium');

(chromium === null ? describe.skip : describe)('Swagger UI in a browser', () => {
  const problems: string[] = [];
  let server: TestServer;
  let app: TestApp;
  let observer: Observer;
  let browser: Browser;
  let page: Page;
  let swagger: SwaggerPage;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    observer = await Observer.on(server.dataUrl);
    browser = await startBrowser(chromium ?? '');
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    swagger = await SwaggerPage.open(page, app.url);
  });
  afterAll(async () => {
    await browser.close();
    await observer.close();
    await app.close();
    await server.stop();
  });

  it('shows the groups of routes in reading order', async () => {
    const tags = await swagger.tags();
    expect(tags.slice(0, 5)).toEqual(['sessions', 'workspaces', 'workfiles', 'runs', 'stops']);
    await page.screenshot({ path: artifact('swagger-ui.png') });
  });

  it('logs in, finds a workflow, runs it, stops it, and shows that it is idle', async () => {
    const login = await swagger.execute('sessions', 'logIn', {
      username: 'owner',
      password: 'secret',
    });
    expect(login).toMatchObject({ status: 201, shownStatus: '201' });

    const workspaces = await swagger.execute('workspaces', 'listWorkspaces');
    expect(workspaces.shownStatus).toBe('200');
    expect(workspaces.shownBody).toContain('"name": "Public"');

    const workfiles = await swagger.execute('workfiles', 'listWorkfiles', {
      workspace_id: WORKSPACE,
    });
    expect(workfiles.shownStatus).toBe('200');
    expect(workfiles.shownBody).toContain('"file_name": "alpine_flow"');

    const id = String(ALPINE_FLOW);
    const run = await swagger.execute('workfiles', 'runWorkfile', { id });
    expect(run.shownStatus).toBe('202');
    expect(run.shownBody).toContain('"status": "running"');
    await seenWorking(observer, run.headers['location'] ?? '', AT_WORK);

    const stop = await swagger.execute('workfiles', 'stopWorkfile', { id });
    expect(stop.shownStatus).toBe('202');
    expect(stop.shownBody).toContain('"status": "idle"');
    expect(await observer.tagged()).toEqual([]);
    await page.screenshot({ path: artifact('swagger-ui-stopped.png') });
  }, 120_000);

  it('has reported no errors', () => {
    expect(problems).toEqual([]);
  });
});
