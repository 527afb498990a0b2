import { query, type TestServer } from './test-server.js';

/**
 * Makes a role whose sessions in the data source the product's account could end, as it could not those of a superuser.
 * @returns URL for connections of that role
 */
export async function withinReach(server: TestServer): Promise<string> {
  const url = new URL(server.dataUrl);
  url.username = 'bystander';
  url.password = 'anything';
  await query(
    server.dataUrl,
    `CREATE ROLE bystander LOGIN PASSWORD 'anything'; GRANT bystander TO fermata_demo`,
  );
  return url.href;
}
