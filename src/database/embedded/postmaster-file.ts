import { existsSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';

/** What a data folder's `postmaster.pid` says about the server that owns it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Accepts connections; otherwise it starts, recovers or shuts down. */
  readonly ready: boolean;
}

export function postmasterFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

/** Null without a file, `stale` when its process is gone or is somebody else's. */
export function readPostmaster(cluster: string): Postmaster | 'stale' | null {
  const file = postmasterFile(cluster);
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Math.abs(Number(lines[0]));
  if (!isPostgres(pid)) return 'stale';
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** After a crash the pid may have been given to another program. */
function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (platform() !== 'linux') return true;
  try {
    // `<pid> (<command>) <state> …`; Z: dead, but its parent has not looked (a container's first process may never).
    return /^\d+ \(postgres.*\) [^Z]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
