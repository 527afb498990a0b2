import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import type { ProxyMode } from '../../support/tcp-proxy.js';
import { chain, inserting } from '../world/chaos-flows.js';

const FLOWS = [chain(3, 0.15), inserting(3, 0.15), chain(1, 20)] as const;
const RUNS = 6;
const CONNECT_TIMEOUT_MS = 1000;
/** By then whoever drives a stop has noticed that the data source does not answer. */
const NOTICED_MS = CONNECT_TIMEOUT_MS * 2 + 1500;

type Trouble = ProxyMode | 'sever';
const UNREACHABLE: readonly Trouble[] = ['freeze', 'blackhole', 'reset', 'refuse'];
const TROUBLES: readonly Trouble[] = ['freeze', 'blackhole', 'reset', 'slow', 'refuse', 'sever'];

/** 2. The network in front of one of the two databases fails at any moment of a run and of a stop, and heals. */
export const BROKEN_NETWORK: Scenario = {
  name: 'broken-network',
  title: 'freeze, blackhole, reset, slow, refuse, sever: of the data source, of the metadata',
  rounds: 72,
  world: {
    apis: 2,
    workers: 2,
    environment: {
      LEASE_SECONDS: '2',
      RUN_RESUME_LIMIT: '50',
      STOP_REPLY_TIMEOUT_MS: '400',
      CONNECT_TIMEOUT_MS: `${CONNECT_TIMEOUT_MS}`,
    },
    workerEnvironment: { WORKER_CONCURRENCY: `${RUNS}` },
  },
  async play(stage) {
    const { world } = stage;
    const workfiles: number[] = [];
    for (let i = 0; i < RUNS; i += 1)
      workfiles.push(...(await world.store(FLOWS[i % FLOWS.length] ?? FLOWS[0])));
    for (const round of stage.round()) {
      const which = round % 2 === 0 ? 'data source' : 'metadata';
      const trouble = TROUBLES[Math.floor(round / 2) % TROUBLES.length] ?? 'freeze';
      await brokenRound(stage, workfiles, which, trouble);
      await stage.settle(90_000);
    }
    await stage.slots(await world.store(chain(1, 60), RUNS * 2));
    await stage.settle();
  },
};

export async function brokenRound(
  stage: Stage,
  workfiles: readonly number[],
  which: 'data source' | 'metadata',
  trouble: Trouble,
): Promise<void> {
  const { world, random } = stage;
  const runs = new Map<number, string>();
  for (const workfile of workfiles) {
    const run = await world.run(workfile);
    if (run !== null) runs.set(workfile, run);
  }
  const stopping = workfiles.filter(() => random.chance(0.5));
  const [before, after] = [random.between(0, 500), random.between(0, 500)];
  const breaking = sleep(before).then(() => damage(stage, which, trouble));
  const stops = sleep(after).then(() =>
    Promise.all(stopping.map((workfile) => world.api(random.chance(0.5) ? 0 : 1).stop(workfile))),
  );
  await breaking;
  const brokenAt = now();
  if (which === 'data source' && UNREACHABLE.includes(trouble)) {
    await stops;
    await sleep(Math.max(0, brokenAt + NOTICED_MS - now()));
    await visiblyUnconfirmed(stage, runs, stopping);
  } else await sleep(random.between(500, 4000));
  await world.network(which, 'pass');
  await stops;
  // Whose stop was not accepted goes on; twenty seconds are too long to wait for.
  await sleep(500);
  await Promise.all(workfiles.map((workfile) => world.api().stop(workfile)));
}

async function damage({ world }: Stage, which: 'data source' | 'metadata', trouble: Trouble) {
  if (trouble === 'sever') world.sever(which);
  else await world.network(which, trouble, { delayMs: 120 });
  if (trouble === 'refuse') world.cut(which);
}

/** Nobody can know whether the SQL is dead: so says the run, with why and since when, and so says the workfile (I6). */
async function visiblyUnconfirmed(
  stage: Stage,
  runs: ReadonlyMap<number, string>,
  stopping: readonly number[],
): Promise<void> {
  const { world } = stage;
  const ids = [...runs.values()];
  const rows = await world.audit.rows(ids);
  for (const workfile of stopping) {
    const run = runs.get(workfile) ?? '';
    const row = rows.get(run);
    if (row?.status !== 'stopping') continue;
    const detail = JSON.stringify(row);
    const isTold = row.lastError !== null && row.errorSince !== null;
    stage.claim(
      'I6',
      'a stop that cannot be confirmed says why and since when',
      isTold,
      detail,
      run,
    );
    const answer = await world.api().show(workfile);
    const says = String(answer?.says);
    stage.claim('I6', 'its workfile is shown as stopping', says === 'stopping', says, run);
    stage.figures.count('stops that could not be confirmed for a while');
  }
}
