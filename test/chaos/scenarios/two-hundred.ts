import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';

const RUNS = 200;
const FLOW = sleeping(600);

/**
 * 10. Two hundred runs at work, stopped at once: by one request, or by two hundred on connections that are open, as those of
 * a service are. (Node accepts one new connection in each round of its loop, so opening them would be most of the time.)
 */
export const TWO_HUNDRED: Scenario = {
  name: 'two-hundred',
  title: `${RUNS} runs at work are stopped at once`,
  rounds: 6,
  world: {
    ...{ apis: 1, workers: 2 },
    // Nothing is cut here, and all traffic through a proxy in this process would wait for this process.
    direct: true,
    // Looking at 200 sessions every 2 ms would take the processor from what is measured.
    watchPauseMs: 25,
    dataSourceSettings: { max_connections: 500 },
    metadataSettings: { max_connections: 200 },
    workerEnvironment: { WORKER_CONCURRENCY: `${RUNS / 2}` },
    environment: { STOP_REPLY_TIMEOUT_MS: '10000' },
  },
  async play(stage) {
    const { world, figures } = stage;
    const workfiles = await world.store(FLOW, RUNS);
    for (const round of stage.round()) {
      const runs: string[] = [];
      for (const workfile of workfiles) runs.push((await world.run(workfile)) ?? '');
      const working = () =>
        world.watch.tagged.filter(
          ({ state, query }) => state === 'active' && FLOW.working.test(query),
        ).length;
      await world.watch.until(`${RUNS} runs at work`, () => working() >= RUNS, 120_000);
      const api = world.api();
      await api.openConnections(RUNS);
      const asked = now();
      const dead = world.watch
        .until('all of it is dead', () => world.watch.tagged.length === 0, 60_000)
        .then(() => {
          const how = round % 2 === 0 ? 'one request' : `${RUNS} requests`;
          figures.sample(`${RUNS} runs stopped at once, all dead`, now() - asked);
          figures.sample(`${RUNS} runs stopped at once by ${how}, all dead`, now() - asked);
        });
      if (round % 2 === 0) await api.stopMany(runs);
      else await Promise.all(workfiles.map((workfile) => api.stop(workfile)));
      await dead;
      await stage.settle();
    }
  },
};
