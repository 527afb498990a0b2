import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import { branching, chain, inserting, sleeping } from '../world/chaos-flows.js';
import type { WorldOptions } from '../world/parts.js';
import { until } from '../../support/wait.js';

type Victim = 'API' | 'worker' | 'metadata' | 'data source' | 'backend' | 'Redis';
const MOMENTS = [
  'before the 202 of a run',
  'before the 202',
  'after it',
  'while killing',
  'while proving',
  'while resuming',
] as const;
type Moment = (typeof MOMENTS)[number];

const FLOWS = [sleeping(30), chain(4, 0.25), inserting(4, 0.25), branching(30)] as const;
const WORLD: WorldOptions = {
  apis: 2,
  workers: 2,
  // Leftover sessions are terminated here.
  bystanders: 3,
  environment: {
    LEASE_SECONDS: '1',
    RUN_RESUME_LIMIT: '50',
    STOP_REPLY_TIMEOUT_MS: '400',
    CONNECT_TIMEOUT_MS: '1000',
  },
};
const LONGEST_MS = 90_000;
/** Runs a process executes at once, by default. */
const PLACES = 4;

/** 1. Each part dies by SIGKILL at each moment of a run and of its stop, and comes back. */
function killing(victims: readonly Victim[], scenario: Omit<Scenario, 'play'>): Scenario {
  const matrix = victims
    .flatMap((victim) => MOMENTS.map((moment) => ({ victim, moment })))
    // Before there is a run it has no session.
    .filter(({ victim, moment }) => victim !== 'backend' || moment !== MOMENTS[0]);
  return {
    ...scenario,
    play: async (stage) => {
      const { world, figures } = stage;
      const workfiles: number[] = [];
      for (const flow of FLOWS) workfiles.push(...(await world.store(flow)));
      for (const round of stage.round()) {
        const { victim, moment } = matrix[round % matrix.length] ?? {
          victim: 'API',
          moment: 'after it',
        };
        const turn = Math.floor(round / matrix.length);
        const workfile = workfiles[((round % matrix.length) + turn) % workfiles.length] ?? 0;
        stage.history.note(`round ${round}: ${victim} ${moment}`);
        if (await killRound(stage, workfile, victim, moment)) figures.count(`kills: ${victim}`);
        else figures.count(`came too late to kill: ${victim}`);
      }
      if (stage.played >= matrix.length)
        for (const victim of victims) stage.demand(`kills: ${victim}`);
      // Where there are no workers the APIs do the work.
      const hands = world.workers.length || world.apis.length;
      await stage.slots(await world.store(sleeping(60), hands * PLACES));
      await stage.settle();
    },
  };
}

export const KILL_MATRIX = killing(['API', 'worker', 'metadata', 'data source', 'backend'], {
  name: 'kill-matrix',
  title: 'API, worker, PostgreSQL of metadata and data die at every moment of a stop',
  rounds: 87,
  world: WORLD,
});

export const KILL_REDIS = killing(['Redis', 'worker', 'API'], {
  name: 'kill-redis',
  title: 'the same with the queue in Redis, which forgets all when it dies',
  rounds: 36,
  world: { ...WORLD, queue: 'redis' },
});

export const KILL_EMBEDDED = killing(['metadata', 'API'], {
  name: 'kill-embedded',
  title: 'the same with the embedded PostgreSQL, which is metadata and data source',
  rounds: 24,
  // Its server ends with its product, and all sessions with it as if they had been meant.
  world: { ...WORLD, apis: 2, workers: 0, bystanders: 0, embedded: true },
});

/** @returns whether there was something to kill */
async function killRound(
  stage: Stage,
  workfile: number,
  victim: Victim,
  moment: Moment,
): Promise<boolean> {
  const { world, random } = stage;
  const { asked, isStruck } = await lead(stage, workfile, victim, moment);
  await sleep(random.between(0, 600));
  await world.heal();
  await asked;
  // What was accepted ends by itself; what was not goes on, and is stopped now.
  await sleep(random.between(0, 1500));
  await until(
    'no run goes on',
    async () => {
      const going = await world.audit.active().catch(() => null);
      if (going === null) return false;
      const rows = await world.audit.rows(going);
      if ([...rows.values()].some(({ status }) => status !== 'stopping'))
        await world.api().stop(workfile);
      return going.length === 0;
    },
    LONGEST_MS,
  ).catch((error: unknown) => {
    stage.history.note((error as Error).message);
  });
  await stage.settle(1000);
  return isStruck;
}

interface Led {
  /** The answer that is still being waited for. */
  readonly asked: Promise<unknown>;
  readonly isStruck: boolean;
}

/** Brings a run to the moment and strikes. */
async function lead(stage: Stage, workfile: number, victim: Victim, moment: Moment): Promise<Led> {
  const { world, random } = stage;
  if (moment === 'before the 202 of a run') {
    const asked = world.api().run(workfile);
    await sleep(random.between(0, 20));
    return { asked, isStruck: await strike(stage, null, victim) };
  }
  const run = await world.run(workfile);
  if (run === null) throw new Error('no answer to a run');
  await world.watch.atWork(run, world.flowOf(workfile)?.working ?? /./, 30_000);
  if (moment === 'while resuming') {
    await (await world.workerOf(run))?.kill();
    await until('somebody takes it up', async () => {
      const row = (await world.audit.rows([run])).get(run);
      return row !== undefined && (row.epoch > 1 || row.status !== 'running');
    });
    await sleep(random.between(0, 250));
    const isStruck = await strike(stage, run, victim);
    const asked = random.chance(0.7) ? world.api(1).stop(workfile) : Promise.resolve();
    return { asked, isStruck };
  }
  if (moment === 'after it' || moment === 'while killing')
    // What a dead process has sent must not arrive when the network goes on.
    await world.network('data source', isProcess(victim) ? 'blackhole' : 'freeze');
  if (moment === 'while proving') await world.network('data source', 'slow', { delayMs: 60 });
  const asked = world.api().stop(workfile);
  if (moment === 'before the 202') await sleep(random.between(0, 10));
  else if (moment === 'after it') await asked;
  else if (moment === 'while killing')
    await stage.status(run, (status) => status !== 'running').catch(() => null);
  else {
    const atWork = () => world.watch.sessionsOf(run).some(({ state }) => state === 'active');
    await world.watch.until('it is not at work', () => !atWork());
    await sleep(random.between(0, 300));
  }
  return { asked, isStruck: await strike(stage, run, victim) };
}

function isProcess(victim: Victim): boolean {
  return victim === 'API' || victim === 'worker';
}

/** @returns whether there was something to kill */
async function strike(
  { world, history }: Stage,
  run: string | null,
  victim: Victim,
): Promise<boolean> {
  if (victim === 'API') await world.apis[0]?.kill();
  else if (victim === 'worker') {
    const own = run === null ? null : await world.workerOf(run);
    const one = own ?? world.workers.find(({ isAlive }) => isAlive);
    if (one === undefined) return false;
    await one.kill();
  } else if (victim === 'backend') {
    const [session] = run === null ? [] : world.watch.sessionsOf(run);
    if (session === undefined) return false;
    world.killBackend(session.pid);
  } else if (victim === 'Redis') {
    history.fault('SIGKILL', victim);
    await world.redis?.kill();
  } else await world.kill(victim);
  return true;
}
