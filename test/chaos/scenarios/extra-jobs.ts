import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import { inserting } from '../world/chaos-flows.js';
import { Jobs } from '../world/jobs.js';

const FLOW = inserting(3, 0.02);
const PLAYERS = 4;

/** 5. The queue only nudges: jobs that come twice, too late, too early or not at all change nothing (D2). */
export const EXTRA_JOBS: Scenario = {
  name: 'extra-jobs',
  title: 'jobs come twice, late, for runs that are over or unknown, or get lost',
  rounds: 400,
  world: { apis: 1, workers: 2, workerEnvironment: { WORKER_CONCURRENCY: '3' } },
  async play(stage) {
    const { world, random, figures } = stage;
    const jobs = await Jobs.of(world);
    const workfiles = await world.store(FLOW, PLAYERS);
    const runs: string[] = [randomUUID()];
    try {
      await stage.sideBySide(PLAYERS, async (player, round) => {
        const workfile = workfiles[player] ?? 0;
        const run = await world.run(workfile);
        if (run === null) throw new Error('no answer to a run');
        if (round % 10 === 9) await jobs.lose();
        const more = Math.floor(random.between(0, 4));
        for (let i = 0; i < more; i += 1)
          await jobs.add(
            random.chance(0.5) ? run : random.pick(runs),
            Math.floor(random.between(0, 400)),
          );
        figures.count('jobs added by hand', more);
        runs.push(run);
        if (random.chance(0.3)) {
          await sleep(random.between(0, 150));
          await world.api().stop(workfile);
          await stage.over(run, workfile);
        } else {
          const status = await stage.over(run, workfile);
          stage.claim('I5', 'the run succeeds', status === 'succeeded', status, run);
        }
      });
      // What was delayed finds its runs over.
      await sleep(500);
      await stage.settle();
    } finally {
      await jobs.close();
    }
  },
};
