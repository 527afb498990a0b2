import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../../common/errors/startup-error.js';
import type { PostgresBinaries, ServerUser } from './binaries.js';

const run = promisify(execFile);

// Plain `C` would not fold the case of non-ASCII letters (stack notes 5).
const LOCALE = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Makes the folder of a cluster unless it is there. Safe against crashes and against two first starts at once. */
export async function ensureCluster(
  cluster: string,
  { initdb }: PostgresBinaries,
  user: ServerUser,
): Promise<void> {
  if (isCluster(cluster)) return;
  const aside = mkdtempSync(`${cluster}-`);
  const passwordFile = `${aside}.pw`;
  try {
    writeFileSync(passwordFile, randomBytes(18).toString('hex'), { mode: 0o600 });
    if (user.uid !== undefined && user.gid !== undefined)
      for (const path of [aside, passwordFile]) chownSync(path, user.uid, user.gid);
    const auth = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    await run(initdb, ['-D', aside, ...auth, '-E', 'UTF8', ...LOCALE], { ...user, cwd: '/' });
    renameSync(passwordFile, join(aside, '.password'));
    renameSync(aside, cluster);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
    // Somebody else was faster: theirs is as good.
    if (!isCluster(cluster)) throw explained(error, cluster);
  }
}

export function superuserUrl(cluster: string, port: number, database: string): string {
  const password = readFileSync(join(cluster, '.password'), 'utf8').trim();
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}

function isCluster(cluster: string): boolean {
  return existsSync(join(cluster, 'PG_VERSION'));
}

function explained(error: unknown, cluster: string): unknown {
  const { stderr = '' } = error as { stderr?: string };
  if (!/could not (access|change permissions of|open) .*Permission denied/i.test(stderr))
    return error;
  return new StartupError(
    `PostgreSQL cannot reach ${cluster}: it runs as another user than root, who must be able to enter every folder ` +
      'above it. Set DATA_DIR to such a folder, or DATABASE_URL to a server of your own.',
    { cause: error },
  );
}
