import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';

const FLOW = sleeping(0.2);
/** Of each message: opening a session takes several. */
const DELAY_MS = 60;

const OPENED_LATE = 'sessions that were being opened behind the end of their run';

/** 3. A worker stands still while it opens a session, and goes on to open it when its run is long over. */
export const FROZEN_CONNECT: Scenario = {
  name: 'frozen-connect',
  title: 'a worker stands still while it opens a session, until its run is over',
  rounds: 30,
  world: { apis: 1, workers: 1, environment: { LEASE_SECONDS: '1' } },
  async play(stage) {
    const { world, random, figures } = stage;
    const [workfile = 0] = await world.store(FLOW);
    for (const _round of stage.round()) {
      await world.network('data source', 'slow', { delayMs: DELAY_MS });
      const run = await world.run(workfile);
      if (run === null) throw new Error('no answer to a run');
      await stage.status(run, (status) => status === 'running');
      await sleep(random.between(0, DELAY_MS * 10));
      world.worker().freeze();
      await world.network('data source', 'pass');
      await world.api().stop(workfile);
      await stage.over(run, workfile);
      const thawed = now();
      world.worker().thaw();
      // What it was about to do when it was frozen it does now.
      await sleep(400);
      const opening = world.watch.openingOf(run);
      if (opening !== null && opening.sent > thawed) figures.count(OPENED_LATE);
    }
    await stage.settle();
    stage.demand(OPENED_LATE);
  },
};
