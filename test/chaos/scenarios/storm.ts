import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import { branching } from '../world/chaos-flows.js';

const FLOW = branching(0.005);
const PLAYERS = 8;
const PIECE = 500;

/**
 * 6. Short runs with stops that come at any moment, often too late, on a data source whose few pids change hands all the
 * time, beside sessions that look like those of runs.
 */
export const STORM: Scenario = {
  name: 'storm',
  title: 'short runs with late stops on few backends, beside look-alikes',
  rounds: 10_000,
  world: {
    apis: 1,
    workers: 2,
    bystanders: 6,
    dataSourcePids: 420,
    workerEnvironment: { WORKER_CONCURRENCY: `${PLAYERS / 2}` },
  },
  async play(stage) {
    const workfiles = await stage.world.store(FLOW, PLAYERS);
    await storm(stage, workfiles);
    await stage.slots(await stage.world.store(branching(60), PLAYERS));
  },
};

/** Each workfile is run again and again; what a run has left is read before its next run. */
export async function storm(stage: Stage, workfiles: readonly number[]): Promise<void> {
  const { world, figures, random } = stage;
  let usual = 300;
  // Reading the history needs all runs to be over: now and then the players wait for each other.
  for (let left = stage.rounds; left > 0; left -= PIECE) {
    await stage.sideBySide(
      workfiles.length,
      async (player) => {
        const workfile = workfiles[player] ?? 0;
        const from = now();
        const run = await world.run(workfile);
        if (run === null) throw new Error('no answer to a run');
        const isStopped = random.chance(0.85);
        if (isStopped) {
          await sleep(random.between(0, usual * 1.2));
          const answer = await world.api().stop(workfile);
          stage.claim('I6', 'a stop is answered', answer?.http === 202, String(answer?.http), run);
        }
        await stage.over(run, workfile);
        // The measure of a late stop is how long a run takes when nobody stops it.
        if (!isStopped) usual += (now() - from - usual) / 8;
        figures.count(isStopped ? 'short runs with a stop at any moment' : 'short runs left alone');
      },
      Math.min(left, PIECE),
    );
    await stage.settle();
  }
}
