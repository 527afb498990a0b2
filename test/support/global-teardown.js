// Every spec stops what it started: a server that is still there has leaked.
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

export default function tearDown() {
  const run = process.env.FERMATA_TEST_RUN;
  const leaked = [];
  for (const name of readdirSync(run)) {
    const file = ['postmaster.pid', 'postgres/postmaster.pid', 'redis.pid']
      .map((path) => join(run, name, path))
      .find(existsSync);
    if (file === undefined) continue;
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
    // A lock file without its server: some spec killed it on purpose. Its pid may be anybody's by now.
    if (!worksIn(pid, dirname(file))) continue;
    try {
      process.kill(pid, 'SIGQUIT');
      leaked.push(name);
    } catch {
      // It has just ended.
    }
  }
  rmSync(run, { recursive: true, force: true });
  if (leaked.length > 0) throw new Error(`servers of ${leaked.join(', ')} were left running`);
}

/** Whether a process is the server of a folder: PostgreSQL and Redis both work in theirs. */
function worksIn(pid, folder) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    // Gone; elsewhere than on Linux nobody can tell.
    return !existsSync('/proc/self');
  }
}
