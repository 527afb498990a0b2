import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const VERSION = '6.3.0.0.5410-4ef43d3c9';

describe('server information', () => {
  let server: TestServer;
  let app: TestApp;
  let outsider: TestClient;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(
      server.config({
        REPORTED_VERSION: VERSION,
        SQL_TIMEOUT_SECONDS: '61',
        SQL_ROW_LIMIT: '250',
        RESTRICT_DATA_SOURCE_CREATION: 'true',
        UPLOAD_LIMIT_BYTES: String(4 * 1024 * 1024),
        WORKFILE_LIMIT_BYTES: String(8 * 1024 * 1024),
      }),
    );
    outsider = await app.as('outsider');
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each([
    ['/api/VERSION', [200, 200]],
    ['/api/status', [200, 200]],
    ['/api/license', [401, 200]],
    ['/api/config', [401, 200]],
  ])('%s', async (path, statuses) => {
    const seen = [];
    for (const client of [app.anonymous, outsider]) seen.push((await client.get(path)).status);
    expect(seen).toEqual(statuses);
  });

  it('tells its version as one line of plain text', async () => {
    const answer = await app.anonymous.get('/api/VERSION');
    expect(answer.text).toBe(`${VERSION}\n`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  it('tells its status without envelope', async () => {
    const { json } = await app.anonymous.get('/api/status');
    expect(Object.keys(json)).toEqual(['user_count_exceeded', 'updated_at', 'status']);
    expect(json).toMatchObject({ user_count_exceeded: false, status: 'Chorus is running' });
    expect(Math.abs(Date.parse(json.updated_at) - Date.now())).toBeLessThan(60_000);
  });

  it('shows a licence with every key that clients know', async () => {
    // With the cookie alone, as the reference client asks.
    const { response } = await outsider.get('/api/license');
    const types = ['analytics_developer', 'business_user', 'collaborator', 'data_analyst'];
    for (const type of types) {
      expect(response[type]).toBeGreaterThan(0);
      expect(response[`${type}_limit_reached`]).toBe(false);
    }
    const others = [
      ...['admins', 'advisor_now_enabled', 'branding', 'client_name', 'correct_mac_address'],
      ...['expired', 'expires', 'level', 'mac_address', 'organization_uuid', 'vendor', 'version'],
      ...['users_license_limit_reached', 'workflow_enabled'],
      ...['api', 'custom', 'jobs', 'milestones', 'modeling', 'touchpoints'].flatMap((feature) => [
        `is_enabled_${feature}`,
        `limit_${feature}`,
      ]),
    ];
    const all = [...types, ...types.map((type) => `${type}_limit_reached`), ...others];
    expect(Object.keys(response)).toEqual(all.sort());
    expect(response).toMatchObject({
      limit_api: false,
      is_enabled_api: true,
      expired: false,
      correct_mac_address: true,
      expires: '2099-12-31',
      version: `${VERSION}\n`,
    });
    // What this server has no routes for, clients need not show.
    for (const feature of ['jobs', 'milestones', 'touchpoints'])
      expect([response[`is_enabled_${feature}`], response[`limit_${feature}`]]).toEqual([
        false,
        true,
      ]);
  });

  it('shows its limits as they are set', async () => {
    const { response } = await outsider.get('/api/config');
    expect(Object.keys(response)).toEqual([
      ...['gpfdist_configured', 'tableau_configured', 'tableau_sites', 'file_sizes_mb_workfiles'],
      ...['file_sizes_mb_csv_imports', 'file_sizes_mb_user_icon', 'file_sizes_mb_workspace_icon'],
      ...['file_sizes_mb_attachment', 'file_sizes_mb_hd_upload', 'visualization_overlay_string'],
      ...['kaggle_configured', 'gnip_configured', 'execution_timeout_in_minutes'],
      ...['default_preview_row_limit', 'oracle_configured', 'hdfs_versions', 'hive_hdfs_versions'],
      ...['time_zones', 'license', 'restrict_data_source_creation', 'touchpoints_enabled'],
      ...['chiasm_enabled', 'external_auth_enabled'],
    ]);
    expect(response).toMatchObject({
      file_sizes_mb_workfiles: 8,
      file_sizes_mb_user_icon: 4,
      execution_timeout_in_minutes: 2,
      default_preview_row_limit: 250,
      restrict_data_source_creation: true,
      license: (await outsider.get('/api/license')).response,
    });
    expect(response.time_zones).toEqual(
      expect.arrayContaining([
        ['(GMT-10:00) Pacific/Honolulu', 'Pacific/Honolulu'],
        ['(GMT+00:00) UTC', 'UTC'],
        ['(GMT+01:00) Europe/Berlin', 'Europe/Berlin'],
        ['(GMT-08:00) America/Los_Angeles', 'America/Los_Angeles'],
      ]),
    );
  });
});
