import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import { chain, inserting } from '../world/chaos-flows.js';

const FLOWS = [chain(5, 0.02), inserting(5, 0.02), chain(2, 0.3)] as const;
const RUNS = 6;
/** Shorter than a renewal, than the gate of an operator, than a lease and longer than all of them. */
const FREEZES_MS = [50, 300, 900, 1600, 2600, 4500];

/** 3. A process that stands still does not know it: whatever it does afterwards must be refused, or still be right. */
export const FROZEN_WORKER: Scenario = {
  name: 'frozen-worker',
  title: 'a worker stands still at any moment, past its lease, and goes on',
  rounds: 80,
  world: {
    apis: 1,
    workers: 2,
    environment: { LEASE_SECONDS: '1', RUN_RESUME_LIMIT: '50' },
    workerEnvironment: { WORKER_CONCURRENCY: `${RUNS}` },
  },
  async play(stage) {
    const { world, random } = stage;
    const workfiles: number[] = [];
    for (let i = 0; i < RUNS; i += 1)
      workfiles.push(...(await world.store(FLOWS[i % FLOWS.length] ?? FLOWS[0])));
    for (const round of stage.round()) {
      // Late answers of the metadata stretch the moments around the fences.
      const delayMs = random.pick([0, 0, 3, 15]);
      await world.network('metadata', delayMs === 0 ? 'pass' : 'slow', { delayMs });
      const runs = await Promise.all(workfiles.map((workfile) => world.run(workfile)));
      await sleep(random.between(20, 400));
      const victim = world.worker(round % 2);
      victim.freeze();
      const frozen = sleep(random.pick(FREEZES_MS));
      await meanwhile(stage, workfiles);
      await frozen;
      victim.thaw();
      if (random.chance(0.3)) await meanwhile(stage, workfiles);
      for (const [i, run] of runs.entries()) await stage.over(run ?? '', workfiles[i] ?? 0);
      if (round % 10 === 9) await stage.settle();
    }
    await world.network('metadata', 'pass');
    await stage.settle();
    await stage.slots(await world.store(chain(1, 60), RUNS * 2));
    await stage.settle();
  },
};

/** Some of the runs are stopped at some moment. */
async function meanwhile({ world, random }: Stage, workfiles: readonly number[]): Promise<void> {
  await Promise.all(
    workfiles.map(async (workfile) => {
      if (!random.chance(0.5)) return;
      await sleep(random.between(0, 4000));
      await world.api().stop(workfile);
    }),
  );
}
