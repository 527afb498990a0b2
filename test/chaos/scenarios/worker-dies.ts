import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';

export const LEASE_SECONDS = 2;
const FLOW = sleeping(600);

/** Every so many rounds, a worker starts meanwhile: that takes a core for two seconds, of two on a small machine. */
const BUSY_EVERY = 3;

/** 11. How long until the SQL of a run without a worker is dead, and until that is confirmed? */
export const WORKER_DIES: Scenario = {
  name: 'worker-dies',
  title: 'the worker is killed, then its run is stopped',
  rounds: 300,
  world: { apis: 1, workers: 3, environment: { LEASE_SECONDS: `${LEASE_SECONDS}` } },
  async play(stage) {
    const { world, figures, random } = stage;
    const [workfile = 0] = await world.store(FLOW);
    const coming = new Set<Promise<void>>();
    for (const round of stage.round()) {
      const isBusy = round % BUSY_EVERY === BUSY_EVERY - 1;
      if (!isBusy) await Promise.all(coming);
      const name = `worker killed, then stop${isBusy ? ', while a worker starts' : ''}`;
      const run = await world.run(workfile);
      if (run === null) throw new Error('no answer to a run');
      const { pid } = await world.watch.atWork(run, FLOW.working);
      const victim = await world.workerOf(run);
      await victim?.kill();
      await sleep(random.between(0, 50));
      const works = () =>
        world.watch.sessionsOf(run).some((one) => one.pid === pid && one.state === 'active');
      // The data source looks for its clients once a second: that death is not the stop's.
      const isAtWork = works();
      if (!isAtWork) figures.count(`${name}: its SQL was dead already`);
      const asked = now();
      const dead = world.watch
        .until('its SQL is dead', () => !works())
        .then(() => {
          if (isAtWork) figures.sample(`${name}: SQL dead`, now() - asked);
        });
      await Promise.all([world.api().stop(workfile), dead]);
      await stage.over(run, workfile, 20_000);
      figures.sample(`${name}: confirmed`, now() - asked);
      // The others serve the next rounds meanwhile.
      if (victim !== null) {
        const start = victim.start().finally(() => coming.delete(start));
        coming.add(start);
      }
      if (coming.size > 1) await Promise.race(coming);
    }
    await Promise.all(coming);
    await stage.settle();
  },
};
