import type { Scenario } from '../suite/scenario.js';
import { inserting, sleeping } from '../world/chaos-flows.js';

const FLOWS = [sleeping(1), inserting(2, 1)] as const;
const TRANSACTIONS = 60;

/**
 * 1. Worker and data source die together. A server that crashes forgets the numbers of transactions that had left no trace
 * on its disk, and gives them again: what became of the number says nothing of the operator any more.
 */
export const FORGOTTEN_TRANSACTION: Scenario = {
  name: 'forgotten-transaction',
  title: 'worker and data source die together, and the numbers of transactions are used again',
  rounds: 20,
  world: { apis: 1, workers: 2, environment: { LEASE_SECONDS: '1', RUN_RESUME_LIMIT: '50' } },
  async play(stage) {
    const { world, random, figures } = stage;
    const workfiles: number[] = [];
    for (const flow of FLOWS) workfiles.push(...(await world.store(flow)));
    for (const round of stage.round()) {
      const workfile = workfiles[round % workfiles.length] ?? 0;
      const run = await world.run(workfile);
      if (run === null) throw new Error('no answer to a run');
      await world.watch.atWork(run, world.flowOf(workfile)?.working ?? /./);
      const victim = await world.workerOf(run);
      await victim?.kill();
      await world.kill('data source');
      await world.data.start();
      // Somebody else's, and committed; sometimes not as many as were forgotten.
      const others = random.chance(0.7) ? TRANSACTIONS : 0;
      for (let i = 0; i < others; i += 1) await world.outputs.query('SELECT txid_current()');
      if (random.chance(0.5)) await world.api().stop(workfile);
      figures.count(`forgotten transactions: ${await stage.over(run, workfile)}`);
      await victim?.start();
    }
    await stage.settle();
  },
};
