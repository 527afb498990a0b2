import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

describe('client/schema.ts', () => {
  it('is generated from openapi.json as it is; else `npm run client:generate`', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: { 'client:generate': string };
    };
    const [, ...values] = scripts['client:generate'].split(' ');
    const checked = spawnSync(
      process.execPath,
      ['node_modules/openapi-typescript/bin/cli.js', ...values, '--check'],
      { encoding: 'utf8' },
    );
    expect({ status: checked.status, said: checked.stderr }).toEqual({
      status: 0,
      said: expect.any(String),
    });
  });
});
