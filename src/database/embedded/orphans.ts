import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * Ends the processes that a killed server has left in the folder: a session in the middle of a long statement does not
 * notice that its server is gone, and keeps a new one from starting. Those of a living server are left alone. Linux only;
 * elsewhere nothing is found.
 */
export function endOrphans(cluster: string, signal: 'SIGQUIT' | 'SIGKILL'): number[] {
  if (platform() !== 'linux') return [];
  const folder = realpathSync(cluster);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isOrphan(pid, folder) && send(pid, signal));
}

/** Works in the folder, calls itself a server's child, and its parent is no PostgreSQL. */
function isOrphan(pid: number, folder: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return false;
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: ')) return false;
    const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return !readFileSync(`/proc/${parent ?? ''}/comm`, 'utf8').startsWith('postgres');
  } catch {
    // It has ended meanwhile, or is another user's.
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
