import { CancelFloor } from '../../../src/bench/cancel-floor.js';
import { StopFloor } from '../../../src/bench/stop-floor.js';
import { LONG_JOIN, sampleStop } from '../../../src/bench/stop-latency.js';
import { ApiSession } from '../../../src/demo/api-session.js';
import { SessionObserver } from '../../../src/demo/session-observer.js';
import { ALPINE_FLOW } from '../../support/runs.js';
import type { Scenario } from '../suite/scenario.js';
import { sleeping } from '../world/chaos-flows.js';

const WARM_UP = 10;
const WAITING = sleeping(600);

/**
 * How long a stop takes when nothing is broken, with API and worker in two processes; measured as `npm run bench` does. In
 * turns of a run whose SQL waits, as it seems from here when the data source has a machine of its own, and of one whose SQL
 * takes a core from the processes that are to stop it. In the same turns, two floors: a cancel alone, and the least that a
 * server can do which commits the wish before it carries it out.
 */
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
    const stopFloor = await StopFloor.on(floor, {
      metadata: world.metadata.url('fermata'),
      data: world.data.url('default'),
    });
    const [waiting = 0] = await world.store(WAITING);
    const kinds = [
      { kind: 'SQL that waits', workfile: `/api/workfiles/${waiting}`, working: WAITING.working },
      { kind: 'SQL that computes', workfile: `/api/workfiles/${ALPINE_FLOW}`, working: LONG_JOIN },
    ];
    try {
      for (const { workfile, working } of kinds)
        for (let i = 0; i < WARM_UP; i += 1)
          await stopFloor.untilDead(
            (await sampleStop(session, observers, workfile, working)).statement,
          );
      for (const _round of stage.round())
        for (const { kind, workfile, working } of kinds) {
          const stop = await sampleStop(session, observers, workfile, working);
          const raw = await floor.untilDead(stop.statement);
          const least = await stopFloor.untilDead(stop.statement);
          figures.sample(`two processes, ${kind}: stop request to SQL dead`, stop.sqlDead);
          figures.sample(`two processes, ${kind}: stop request to 202`, stop.answered);
          figures.sample(`two processes, ${kind}: raw cancel to SQL dead, the floor`, raw);
          figures.sample(
            `two processes, ${kind}: bare request, commit and cancel to SQL dead`,
            least,
          );
          const left = `${stop.left} sessions`;
          stage.claim('I6', 'nothing is left after the answer', stop.left === 0, left);
          stage.claim('I6', 'it is confirmed at once', stop.status === 'idle', stop.status);
        }
    } finally {
      await Promise.all([
        observers.dying.close(),
        observers.answered.close(),
        floor.close(),
        stopFloor.close(),
      ]);
    }
    await stage.settle();
  },
};
