// Makes the template that every spec file copies: a cluster of the embedded PostgreSQL, migrated, with the demo world.
// It is made by the built product itself, and made anew when the product was built anew.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_KEY } from './test-key.js';

export default async function setUp() {
  const base = join(tmpdir(), `fermata-test-${process.getuid?.() ?? 'user'}`);
  // Root's PostgreSQL runs as another user, who must be able to pass through.
  mkdirSync(base, { recursive: true, mode: 0o711 });
  const built = Math.round(statSync('dist/main.js').mtimeMs);
  const today = new Date().toISOString().slice(0, 10);
  const template = join(base, `template-${built}-${today}`);
  if (!existsSync(template)) await make(base, template);
  const run = reachable(mkdtempSync(join(base, 'run-')));
  process.env.FERMATA_TEST_TEMPLATE = join(template, 'postgres');
  process.env.FERMATA_TEST_RUN = run;
}

async function make(base, template) {
  const { prepareDatabase } = await import('../../dist/prepare-database.js');
  const { loadConfig } = await import('../../dist/config/load-config.js');
  const { createLogger } = await import('../../dist/common/observability/logger.js');
  const aside = reachable(mkdtempSync(join(base, 'making-')));
  const config = loadConfig({ DATA_DIR: aside, SECRET_KEY: TEST_KEY, LOG_LEVEL: 'warn' });
  const database = await prepareDatabase(config, createLogger(config));
  await database.close();
  try {
    renameSync(aside, template);
  } catch (error) {
    // Another test run was faster.
    if (!existsSync(template)) throw error;
    rmSync(aside, { recursive: true });
  }
}

function reachable(folder) {
  chmodSync(folder, 0o711);
  return folder;
}
