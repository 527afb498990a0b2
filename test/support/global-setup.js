// Makes the template that every spec file copies: a cluster of the embedded PostgreSQL, migrated, with the demo world.
// It is made by the built product itself, and made anew when the product was built anew.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeOldTemplates, USED_TEMPLATE } from './old-templates.js';
import { TEST_KEY } from './test-key.js';

export default async function setUp() {
  const base = join(tmpdir(), `fermata-test-${process.getuid?.() ?? 'user'}`);
  // Root's PostgreSQL runs as another user, who must be able to pass through.
  mkdirSync(base, { recursive: true, mode: 0o711 });
  const checkout = `template-${createHash('sha256').update(process.cwd()).digest('hex').slice(0, 8)}`;
  const built = Math.round(statSync('dist/main.js').mtimeMs);
  const today = new Date().toISOString().slice(0, 10);
  const name = `${checkout}-${built}-${today}`;
  const template = join(base, name);
  const run = reachable(mkdtempSync(join(base, 'run-')));
  writeFileSync(join(run, USED_TEMPLATE), `${process.pid} ${name}`);
  if (existsSync(template)) utimesSync(template, new Date(), new Date());
  else await make(base, template);
  removeOldTemplates(base, `${checkout}-`, name);
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
