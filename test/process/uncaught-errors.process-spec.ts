import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = join(import.meta.dirname, '../../dist/run-until-signalled.js');

describe('a process in which something fails that nobody waits for', () => {
  it.each([
    ['an error', 'setTimeout(() => { throw error; })'],
    ['a rejection', 'void Promise.reject(error)'],
  ])('ends at once for %s, and tells where, but no values', (_what, fail) => {
    const script = `const { runUntilSignalled } = await import(${JSON.stringify(MODULE)});
      const error = Object.assign(new Error('broken'), { parameters: ['marker-4711'] });
      await runUntilSignalled(async () => {
        setInterval(() => undefined, 1000);
        ${fail};
        return { close: async () => undefined };
      });`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/Error: broken\n +at /);
    expect(stderr).not.toContain('marker-4711');
  });
});
