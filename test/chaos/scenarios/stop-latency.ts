import { sampleStop } from '../../../src/bench/stop-latency.js';
import { ApiSession } from '../../../src/demo/api-session.js';
import { SessionObserver } from '../../../src/demo/session-observer.js';
import { ALPINE_FLOW } from '../../support/runs.js';
import type { Scenario } from '../suite/scenario.js';

const WARM_UP = 10;

/** How long a stop takes when nothing is broken, with API and worker in two processes; measured as `npm run bench` does. */
export const STOP_LATENCY = stopLatency({
  name: 'stop-latency',
  title: 'stops of one run at work, API and worker in two processes, nothing broken',
  figure: 'two processes',
  niceness: 0,
});

/** The same where the workflow does not compute on the processors that the stop needs. */
export const STOP_LATENCY_APART = stopLatency({
  name: 'stop-latency-apart',
  title: 'the same, the data source giving way as if it were on a machine of its own',
  figure: 'two processes, data source apart',
  niceness: 19,
});

function stopLatency({ name, title, figure, niceness }: Measured): Scenario {
  return {
    ...{ name, title },
    rounds: 300,
    world: {
      ...{ apis: 1, workers: 1, direct: true },
      // Looking every 2 ms would take the processor from what is measured.
      watchPauseMs: 50,
      metadataSettings: { fsync: 'on' },
      dataSourceSettings: { fsync: 'on' },
      dataSourceNiceness: niceness,
    },
    async play(stage) {
      const { world, figures } = stage;
      const session = await ApiSession.login(world.api().url, 'owner', 'secret');
      const observer = await SessionObserver.on(world.data.url('default'));
      const sample = () => sampleStop(session, observer, `/api/workfiles/${ALPINE_FLOW}`);
      try {
        for (let i = 0; i < WARM_UP; i += 1) await sample();
        for (const _round of stage.round()) {
          const { sqlDead, answered, left, status } = await sample();
          figures.sample(`${figure}: stop request to SQL dead`, sqlDead);
          figures.sample(`${figure}: stop request to 202`, answered);
          stage.claim('I6', 'nothing is left after the answer', left === 0, `${left} sessions`);
          stage.claim('I6', 'it is confirmed at once', status === 'idle', status);
        }
      } finally {
        await observer.close();
      }
      await stage.settle();
    },
  };
}

interface Measured {
  readonly name: string;
  readonly title: string;
  /** What its figures are called. */
  readonly figure: string;
  readonly niceness: number;
}
