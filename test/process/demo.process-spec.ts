import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_KEY } from '../support/test-key.js';
import { copyCluster, testFolder } from '../support/test-server.js';

const DEMO = join(import.meta.dirname, '../../dist/bundle/run-demo.js');

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** `npm run demo -- --once` of the built product. */
function demo(environment: Readonly<Record<string, string>>): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [DEMO, '--once'], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, output: stdout + stderr });
    });
  });
}

describe('npm run demo -- --once', () => {
  it('runs a workflow, stops it, shows the proof, and leaves nothing at work', async () => {
    const dataDir = testFolder('demo');
    // As a first start leaves it: initialising takes longer than the demo.
    copyCluster(join(dataDir, 'postgres'));
    const { code, output } = await demo({ DATA_DIR: dataDir, SECRET_KEY: TEST_KEY, PORT: '0' });
    for (const line of [
      /^1\. log in {9}POST http:\S+\/api\/sessions {2}as owner$/m,
      /^2\. run {12}POST \/api\/workfiles\/1000004\/run {3}-> 202 status "running"$/m,
      /^3\. it works {7}pid \d+ in pg_stat_activity: CREATE TABLE/m,
      /^4\. stop {11}POST \/api\/workfiles\/1000004\/stop {2}-> 202 status "idle" after [\d.]+ ms$/m,
      /^5\. receipt {8}GET \/api\/runs\//m,
      /"outcome": "stopped"/,
      /^ +sessions tagged fermata:[\da-f-]{36}: 0$/m,
      /^ +output of the interrupted operator: none$/m,
      /^Stop means stopped\.$/m,
    ])
      expect(output).toMatch(line);
    expect(code).toBe(0);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
  }, 120_000);

  it('says why it cannot start, and fails', async () => {
    const ended = await demo({ DATA_DIR: testFolder('no-demo'), DEMO_DATA: 'false' });
    expect(ended).toEqual({
      code: 1,
      output: expect.stringMatching(/the demo needs the demo world: set DEMO_DATA=true/),
    });
  });
});
