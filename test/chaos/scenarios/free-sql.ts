import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import { inserting } from '../world/chaos-flows.js';

const OPERATORS = 4;
const FLOW = inserting(OPERATORS, 0.05);
const RUNS = 3;

/**
 * 8. SQL of the author must not be done twice, and not be called done when it was not: its worker is killed at any
 * moment, also while a commit is on its way, and another one takes the runs up.
 */
export const FREE_SQL: Scenario = {
  name: 'free-sql',
  title: 'SQL that is not repeatable, with its worker killed at any moment',
  rounds: 150,
  world: {
    apis: 1,
    workers: 3,
    // Leftover sessions are terminated here.
    bystanders: 3,
    environment: { LEASE_SECONDS: '1', RUN_RESUME_LIMIT: '20' },
  },
  async play(stage) {
    const { world, random, figures } = stage;
    const workfiles = await world.store(FLOW, RUNS);
    const coming = new Set<Promise<void>>();
    for (const round of stage.round()) {
      // Late answers make the moments between two of them longer.
      const delayMs = random.pick([0, 0, 5, 25]);
      await world.network('data source', delayMs === 0 ? 'pass' : 'slow', { delayMs });
      const runs = await Promise.all(workfiles.map((workfile) => world.run(workfile)));
      await world.watch.until('one is at work', () =>
        world.watch.tagged.some(({ query }) => FLOW.working.test(query)),
      );
      await sleep(random.between(0, (OPERATORS + 1) * (50 + 6 * delayMs)));
      const victim = await world.workerOf(runs[round % RUNS] ?? '');
      await victim?.kill();
      if (victim !== null) {
        const start = victim.start().finally(() => coming.delete(start));
        coming.add(start);
      }
      if (random.chance(0.3)) {
        await sleep(random.between(0, 2500));
        await world.api().stop(random.pick(workfiles));
      }
      for (const [i, run] of runs.entries()) {
        const status = await stage.over(run ?? '', workfiles[i] ?? 0);
        figures.count(`free SQL with a killed worker: ${status}`);
      }
      if (coming.size > 1) await Promise.race(coming);
      if (round % 20 === 19) await stage.settle();
    }
    await Promise.all(coming);
    await stage.settle();
  },
};
