// Every spec stops what it started: a server that is still there has leaked.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export default function tearDown() {
  const run = process.env.FERMATA_TEST_RUN;
  const leaked = [];
  for (const name of readdirSync(run)) {
    const file = ['postmaster.pid', 'postgres/postmaster.pid', 'redis.pid']
      .map((path) => join(run, name, path))
      .find(existsSync);
    if (file === undefined) continue;
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
    try {
      process.kill(pid, 'SIGQUIT');
      leaked.push(name);
    } catch {
      // A lock file without its server: some spec killed it on purpose.
    }
  }
  rmSync(run, { recursive: true, force: true });
  if (leaked.length > 0) throw new Error(`servers of ${leaked.join(', ')} were left running`);
}
