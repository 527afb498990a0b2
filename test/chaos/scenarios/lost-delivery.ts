import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';
import { until } from '../../support/wait.js';

const FLOW = sleeping(0.3);
const DELAY_MS = 80;
const LOST = 'commits whose answer was lost';

/**
 * 1, 3. The operator has taken effect, and its worker dies before it knows. Another one has to do it again for what it
 * delivers, and is stopped while it does: the output is there, from the first time, and must be called finished.
 */
export const LOST_DELIVERY: Scenario = {
  name: 'lost-delivery',
  title: 'a worker dies between a commit and its answer; the repetition is stopped',
  rounds: 20,
  world: { apis: 1, workers: 2, environment: { LEASE_SECONDS: '1', RUN_RESUME_LIMIT: '50' } },
  async play(stage) {
    const { world, random, figures } = stage;
    for (const _round of stage.round()) {
      const [workfile = 0] = await world.store(FLOW);
      await world.network('data source', 'slow', { delayMs: DELAY_MS });
      const run = await world.run(workfile);
      if (run === null) throw new Error('no answer to a run');
      await until('the output is there', async () => {
        const [row] = await world.outputs.query<{ there: boolean }>(
          `SELECT to_regclass('"default".slept_${workfile}') IS NOT NULL AS there`,
        );
        return row?.there;
      });
      const victim = await world.workerOf(run);
      await victim?.kill();
      const [step] = await world.audit.query<{ status: string }>(
        'SELECT status FROM run_steps WHERE run_id = $1 AND operator_name = $2',
        [run, 'slept'],
      );
      const isLost = step?.status === 'running';
      await world.network('data source', 'pass');
      await Promise.race([
        world.watch.atWork(run, FLOW.working),
        stage.status(run, (status) => status !== 'running'),
      ]);
      if (random.chance(0.8)) await world.api().stop(workfile);
      const status = await stage.over(run, workfile);
      figures.count(isLost ? LOST : 'commits whose answer came before the kill');
      if (isLost) figures.count(`${LOST}: ${status}`);
      if (victim?.isAlive === false) await victim.start();
    }
    await stage.settle();
    stage.demand(LOST);
  },
};
