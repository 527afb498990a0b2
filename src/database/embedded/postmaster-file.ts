import { existsSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';

/** What a data folder's `postmaster.pid` says about the server that owns it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Accepts connections; otherwise it starts, recovers or shuts down. */
  readonly ready: boolean;
}

/** Null without a file, `stale` when its process is gone or is somebody else's. */
export function readPostmaster(cluster: string): Postmaster | 'stale' | null {
  return read(lockFile(cluster));
}

/**
 * Removes the lock file of a server that is gone, when PostgreSQL would not: it takes any living process with that pid,
 * or a dead one that nobody has waited for, for the server. A file that a new server has put there meanwhile is left.
 */
export function removeStaleLock(cluster: string): void {
  const file = lockFile(cluster);
  if (!isAnyProcess(Number(lineOf(file, 0)))) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== 'stale') linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function lockFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

function read(file: string): Postmaster | 'stale' | null {
  if (!existsSync(file)) return null;
  const pid = Math.abs(Number(lineOf(file, 0)));
  if (!isPostgres(pid)) return 'stale';
  return { pid, port: Number(lineOf(file, 3)), ready: lineOf(file, 7) === 'ready' };
}

/** Empty when file or line is not there. */
function lineOf(file: string, index: number): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[index]?.trim() ?? '';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** After a crash the pid may have been given to another program. */
function isPostgres(pid: number): boolean {
  if (!isAnyProcess(pid)) return false;
  if (platform() !== 'linux') return true;
  try {
    // `<pid> (<command>) <state> …`; Z: dead, but its parent has not looked (a container's first process may never).
    return /^\d+ \(postgres.*\) [^Z]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function isAnyProcess(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
