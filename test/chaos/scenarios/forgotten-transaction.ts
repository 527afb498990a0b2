import type { Scenario } from '../suite/scenario.js';
import { inserting, sleeping } from '../world/chaos-flows.js';
import type { World } from '../world/world.js';

const FLOWS = [sleeping(1), inserting(2, 1)] as const;
const TRANSACTIONS = 60;
const GIVEN_AGAIN = 'numbers of transactions that were given again';

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
      const [step] = await world.audit.query<{ xid: string | null }>(
        `SELECT data_transaction_id::text AS xid FROM run_steps WHERE run_id = $1 AND status = 'running'`,
        [run],
      );
      const number = BigInt(step?.xid ?? 0);
      const victim = await world.workerOf(run);
      await victim?.kill();
      await world.kill('data source');
      await world.data.start();
      const isForgotten = (await nextNumber(world)) <= number;
      // Somebody else's, and committed; sometimes not as many as were forgotten.
      const others = random.chance(0.7) ? TRANSACTIONS : 0;
      for (let i = 0; i < others; i += 1) await world.outputs.query('SELECT txid_current()');
      if (isForgotten) figures.count('numbers of transactions that were forgotten');
      if (isForgotten && (await nextNumber(world)) > number) figures.count(GIVEN_AGAIN);
      if (random.chance(0.5)) await world.api().stop(workfile);
      figures.count(`forgotten transactions: ${await stage.over(run, workfile)}`);
      await victim?.start();
    }
    await stage.settle();
    stage.demand(GIVEN_AGAIN);
  },
};

/** The number that the data source gives next. */
async function nextNumber({ outputs }: World): Promise<bigint> {
  const [row] = await outputs.query<{ next: string }>(
    'SELECT txid_snapshot_xmax(txid_current_snapshot())::text AS next',
  );
  return BigInt(row?.next ?? 0);
}
