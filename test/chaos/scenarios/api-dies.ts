import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';

const FLOW = sleeping(600);

/** 12. The stop is committed, nothing is killed yet, and the process that took it is gone (I5). */
export const API_DIES: Scenario = {
  name: 'api-dies',
  title: 'the API is killed between the commit of a stop and the first kill',
  rounds: 60,
  // An answer of a slow machine must not be faster than the kill.
  world: { apis: 2, workers: 1, environment: { STOP_REPLY_TIMEOUT_MS: '15000' } },
  async play(stage) {
    const { world, figures, random } = stage;
    const [workfile = 0] = await world.store(FLOW);
    let coming: Promise<void> = Promise.resolve();
    for (const round of stage.round()) {
      const run = await world.run(workfile, world.api(round % 2));
      if (run === null) throw new Error('no answer to a run');
      await world.watch.atWork(run, FLOW.working);
      // The other one is to confirm it.
      await coming;
      // What is sent now is lost: a frozen network would deliver the cancel of the dead when it goes on.
      await world.network('data source', 'blackhole');
      const answer = world.api(round % 2).stop(workfile);
      await stage.status(run, (status) => status === 'stopping');
      // In half of the rounds the worker cannot help either for a while: it has heard nothing yet.
      const isAlone = random.chance(0.5);
      if (isAlone) world.worker().freeze();
      const victim = world.apis[round % 2];
      await victim?.kill();
      const killed = now();
      const isAtWork = world.watch.sessionsOf(run).some(({ state }) => state === 'active');
      stage.claim('I5', 'nothing was killed yet', isAtWork, 'its SQL is not at work', run);
      await world.network('data source', 'pass');
      stage.claim('I6', 'no answer came', (await answer) === null, 'the API was dead', run);
      const status = await stage.over(run, workfile, 20_000);
      figures.sample(
        isAlone
          ? 'API killed after the commit, worker frozen: confirmed'
          : 'API killed after the commit: confirmed',
        now() - killed,
      );
      stage.claim('I9', 'it is stopped', status === 'stopped', status, run);
      world.worker().thaw();
      coming = victim?.start() ?? coming;
    }
    await coming;
    await stage.settle();
  },
};
