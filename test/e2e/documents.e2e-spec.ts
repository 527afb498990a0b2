import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examplesOf, matches, play } from '../support/shell-examples.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, testFolder, type TestServer } from '../support/test-server.js';

const ROOT = join(import.meta.dirname, '../..');

describe('the examples of', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config({ STOP_REPLY_TIMEOUT_MS: '10000' }));
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });

  it.each([
    ['README.md', 2],
    ['docs/api.md', 9],
  ])('%s work as they are pasted, and print what they show', async (file, least) => {
    const examples = examplesOf(readFileSync(join(ROOT, file), 'utf8'));
    expect(examples.length).toBeGreaterThanOrEqual(least);
    const played = await play(examples, app.url, testFolder('documents'));
    played.forEach(({ output, statuses }, i) => {
      const { line, output: shown, script } = examples[i]!;
      const where = `${file}:${line}`;
      expect([where, statuses.length]).toEqual([where, requestsIn(script)]);
      // A refusal is one that is shown.
      const wrong = statuses.filter((status) => status >= 400);
      if (shown?.includes('"errors"') !== true) expect([where, wrong]).toEqual([where, []]);
      expect([where, statuses.filter((status) => status >= 500)]).toEqual([where, []]);
      if (shown !== null && !matches(output, shown))
        throw new Error(`${where} shows\n${shown}\nand prints\n${output}`);
    });
  });

  it('are looked at closely', () => {
    expect(matches('{"a":1,"b":2}\n', '{"a":1,…}\n')).toBe(true);
    expect(matches('{"a":2,"b":2}\n', '{"a":1,…}\n')).toBe(false);
    expect(matches('{}{"a":1}', '{}\n{"a":1}\n')).toBe(true);
    expect(matches('axb\nc', 'a.b\nc\n')).toBe(false);
    const [one, two] = examplesOf(
      '# T\n\n```sh\ncurl a\n```\n\n```json\n{}\n```\n\nText.\n\n```sh\ncurl b\n```\n\nText.\n\n```text\nx\n```\n',
    );
    expect([one, two]).toEqual([
      { line: 3, script: 'curl a\n', output: '{}\n' },
      { line: 13, script: 'curl b\n', output: null },
    ]);
  });
});

function requestsIn(script: string): number {
  return script.match(/\bcurl /g)?.length ?? 0;
}
