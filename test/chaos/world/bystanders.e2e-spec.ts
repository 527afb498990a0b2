import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoDataUrl } from '../../../src/demo/demo-warehouse.js';
import { TEST_KEY } from '../../support/test-key.js';
import { query, testFolder } from '../../support/test-server.js';
import { until } from '../../support/wait.js';
import { type Of, ofKind } from '../checker/story.js';
import { History } from '../history/history.js';
import { Bystanders } from './bystanders.js';
import { PostgresServer } from './postgres-server.js';

const VICTIMS = 12;

let server: PostgresServer;
beforeAll(async () => {
  const logFile = join(testFolder('bystanders'), 'server.log');
  server = await PostgresServer.start({ name: 'bystanders', logFile });
});
afterAll(() => server.stop());

type Told = () => Of<'bystander'>[];

async function withBystanders(play: (bystanders: Bystanders, told: Told) => Promise<void>) {
  const databaseUrl = server.url('default');
  const account = demoDataUrl({ databaseUrl, secretKey: TEST_KEY });
  const history = new History(null);
  const bystanders = new Bystanders(account, history, 3, () => null);
  try {
    await play(bystanders, () => ofKind(history.peek(), 'bystander'));
  } finally {
    await bystanders.close();
  }
}

/** Terminates one of them in that state, and waits for its end. @returns how many it was: 1 or 0 */
async function terminate(state: string): Promise<number> {
  const hits = await query(
    server.url('default'),
    `WITH one AS MATERIALIZED (
       SELECT pid FROM pg_stat_activity WHERE usename = 'fermata_demo' AND state = $1 LIMIT 1)
     SELECT pg_terminate_backend(pid, 5000) FROM one`,
    [state],
  );
  return hits.length;
}

describe('bystanders', () => {
  it.each(['idle', 'active'])('notice each termination that hits them while %s', async (state) => {
    await withBystanders(async (_bystanders, told) => {
      let hits = 0;
      while (hits < VICTIMS) hits += await terminate(state);
      const noticed = () => Promise.resolve(told().length >= VICTIMS);
      await until('all were noticed', noticed, 5000).catch(() => undefined);
      expect(told().map(({ what, error }) => `${what} ${error?.split(' ')[0] ?? ''}`)).toEqual(
        Array.from({ length: VICTIMS }, () => 'hurt 57P01'),
      );
    });
  });

  it('are not hurt by the death of their server, and say when nobody is there', async () => {
    await withBystanders(async (bystanders, told) => {
      await bystanders.flush();
      const [before] = told();
      expect(before?.statements).toBeGreaterThan(0);
      await server.kill();
      await sleep(300);
      await bystanders.flush(0);
      await bystanders.flush(0);
      expect(told().map(({ what }) => what)).toEqual(['well', 'well', 'well']);
      expect(told().at(-1)?.statements).toBe(0);
    });
  });
});
