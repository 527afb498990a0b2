import { CancelFloor } from '../../../src/bench/cancel-floor.js';
import { sampleStop } from '../../../src/bench/stop-latency.js';
import { ApiSession } from '../../../src/demo/api-session.js';
import { SessionObserver } from '../../../src/demo/session-observer.js';
import { ALPINE_FLOW } from '../../support/runs.js';
import type { Scenario } from '../suite/scenario.js';

const WARM_UP = 10;

/** How long a stop takes when nothing is broken, with API and worker in two processes; measured as `npm run bench` does. */
export const STOP_LATENCY: Scenario = {
  name: 'stop-latency',
  title: 'stops of one run at work, API and worker in two processes, nothing broken',
  rounds: 300,
  world: {
    ...{ apis: 1, workers: 1, direct: true },
    // Looking every 2 ms would take the processor from what is measured.
    watchPauseMs: 50,
    metadataSettings: { fsync: 'on' },
    dataSourceSettings: { fsync: 'on' },
  },
  async play(stage) {
    const { world, figures } = stage;
    const session = await ApiSession.login(world.api().url, 'owner', 'secret');
    const observers = {
      dying: await SessionObserver.on(world.data.url('default')),
      answered: await SessionObserver.on(world.data.url('default')),
    };
    const floor = await CancelFloor.on(world.data.url('default'));
    const sample = () => sampleStop(session, observers, `/api/workfiles/${ALPINE_FLOW}`);
    try {
      for (let i = 0; i < WARM_UP; i += 1) await sample();
      for (const _round of stage.round()) {
        const { sqlDead, answered, left, status, statement } = await sample();
        figures.sample('two processes: stop request to SQL dead', sqlDead);
        figures.sample('two processes: stop request to 202', answered);
        figures.sample(
          'two processes: raw cancel to SQL dead, the floor',
          await floor.untilDead(statement),
        );
        stage.claim('I6', 'nothing is left after the answer', left === 0, `${left} sessions`);
        stage.claim('I6', 'it is confirmed at once', status === 'idle', status);
      }
    } finally {
      await Promise.all([observers.dying.close(), observers.answered.close(), floor.close()]);
    }
    await stage.settle();
  },
};
