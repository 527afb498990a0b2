import pg from 'pg';
import { StartupError } from './common/errors/startup-error.js';
import { createLogger } from './common/observability/logger.js';
import { loadRotation } from './config/load-rotation.js';
import { rotateKey } from './data-sources/key-rotation.js';
import { DataDir } from './database/data-dir.js';
import { openMetadataDatabase } from './database/metadata-database.js';

/** `npm run rotate-key`: docs/operations.md. Prints counts, never keys or passwords. */
async function rotate(): Promise<string> {
  const { config, newKey } = loadRotation(process.env);
  const finish = process.argv.includes('--finish');
  const database = await openMetadataDatabase(config, createLogger({ logLevel: 'warn' }));
  const client = new pg.Client({
    connectionString: database.config.databaseUrl ?? '',
    application_name: 'fermata-rotate-key',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const oldKey = database.config.secretKey ?? '';
    const { rotated, already } = await rotateKey(client, { oldKey, newKey }, { finish });
    // The embedded default reads its key from a file: should this fail, the command can be given again.
    if (database.embedded) new DataDir(config.dataDir).replaceSecretKey(newKey);
    return `${rotated} passwords encrypted anew, ${already} had the new key already.`;
  } finally {
    await client.end().catch(() => undefined);
    await database.close();
  }
}

try {
  process.stdout.write(`${await rotate()}\n`);
} catch (error) {
  const { message, stack } = error as Error;
  process.stderr.write(`${error instanceof StartupError ? message : (stack ?? message)}\n`);
  process.exitCode = 1;
}
