import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tearDown from './global-teardown.js';
import { removeOldTemplates, USED_TEMPLATE } from './old-templates.js';

describe('what test runs leave behind', () => {
  const { FERMATA_TEST_RUN: ours } = process.env;
  const children: ChildProcess[] = [];
  let base: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'left-behind-'));
  });
  afterEach(async () => {
    process.env['FERMATA_TEST_RUN'] = ours;
    await Promise.all(children.splice(0).map(end));
    rmSync(base, { recursive: true, force: true });
  });

  /** A process that works in a folder. */
  const working = async (cwd: string) => {
    const child = spawn('sleep', ['600'], { cwd });
    await once(child, 'spawn');
    children.push(child);
    return child;
  };
  const folder = (...path: string[]) => {
    const made = join(base, ...path);
    mkdirSync(made, { recursive: true });
    return made;
  };

  it('are servers, which are ended; whoever has the pid of a dead one is not', async () => {
    process.env['FERMATA_TEST_RUN'] = folder('run');
    const [leaking, dead] = [folder('run', 'leaking', 'postgres'), folder('run', 'dead')];
    const [server, somebody] = [await working(leaking), await working(base)];
    writeFileSync(join(leaking, 'postmaster.pid'), `${server.pid}\n`);
    writeFileSync(join(dead, 'postmaster.pid'), `${somebody.pid}\n`);

    expect(tearDown).toThrow('servers of leaking were left running');

    expect(await once(server, 'exit')).toEqual([null, 'SIGQUIT']);
    expect(somebody.signalCode).toBeNull();
    expect(somebody.kill(0)).toBe(true);
    expect(readdirSync(base)).toEqual([]);
  });

  it('are templates, which are removed when nobody uses them any more', async () => {
    const run = (name: string, pid: number | undefined, template: string) => {
      writeFileSync(join(folder(name), USED_TEMPLATE), `${pid} ${template}`);
    };
    const over = await working(base);
    await end(over);
    run('run-over', over.pid, 'template-here-1');
    run('run-now', process.pid, 'template-here-2');
    for (const name of ['here-1', 'here-2', 'here-3', 'there-1', 'there-2'])
      folder(`template-${name}`, 'postgres');
    const yesterday = new Date(Date.now() - 86_500_000);
    utimesSync(join(base, 'template-there-1'), yesterday, yesterday);

    removeOldTemplates(base, 'template-here-', 'template-here-3');

    expect(readdirSync(base).sort()).toEqual([
      ...['run-now', 'run-over'],
      ...['template-here-2', 'template-here-3', 'template-there-2'],
    ]);
  });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
