import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history/history.js';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import { type ChaosFlow, inserting, sleeping } from '../world/chaos-flows.js';

const PLAYERS = 6;
const PIECE = 300;
const STATEMENT_MS = 30;
const JITTER_MS = 2;
const STEP_MS = 0.4;
const FLOWS: readonly ChaosFlow[] = [
  sleeping(STATEMENT_MS / 1000),
  inserting(1, STATEMENT_MS / 1000),
];

/** 7. Who wins is open; that both sides say the same is not (I9). */
export const CLOSE_RACE: Scenario = {
  name: 'close-race',
  title: `stops aimed at ±${JITTER_MS} ms of the end of a statement, or of its commit`,
  rounds: 10_000,
  world: { apis: 1, workers: 2, workerEnvironment: { WORKER_CONCURRENCY: `${PLAYERS / 2}` } },
  async play(stage) {
    const workfiles: number[] = [];
    for (let i = 0; i < PLAYERS; i += 1)
      workfiles.push(...(await stage.world.store(FLOWS[i % FLOWS.length] ?? sleeping(1))));
    await closeRace(stage, workfiles);
  },
};

/** When to ask, in milliseconds after the end of the statement: learnt from where earlier stops have arrived. */
interface Aim {
  readonly at: 'end' | 'commit';
  offset: number;
}

export async function closeRace(stage: Stage, workfiles: readonly number[]): Promise<void> {
  const aims = workfiles.map((_, i): Aim => ({ at: i % 4 < 2 ? 'end' : 'commit', offset: -3 }));
  for (let left = stage.rounds; left > 0; left -= PIECE) {
    const play = (player: number) =>
      shoot(stage, workfiles[player] ?? 0, aims[player] ?? { at: 'end', offset: 0 });
    await stage.sideBySide(workfiles.length, play, Math.min(left, PIECE));
    await stage.settle();
  }
}

async function shoot(stage: Stage, workfile: number, aim: Aim): Promise<void> {
  const { world, figures, random } = stage;
  const working = world.flowOf(workfile)?.working ?? /./;
  const run = await world.run(workfile);
  if (run === null) throw new Error('no answer to a run');
  const seen = await world.watch.atWork(run, working).catch(() => null);
  if (seen === null) {
    await stage.over(run, workfile);
    return;
  }
  const end = seen.queryStart + STATEMENT_MS;
  const jitter = random.between(-JITTER_MS, JITTER_MS);
  await sleep(end + world.watch.clockOffset + aim.offset + jitter - now());
  await world.api().stop(workfile);
  const isLate = (await stage.over(run, workfile)) === 'succeeded';
  figures.count(isLate ? 'close races: finished' : 'close races: stopped');
  const missedBy = await distance(stage, run, end);
  if (aim.at === 'end' && missedBy !== null) aim.offset -= (missedBy - jitter) / 4;
  else aim.offset += isLate ? -STEP_MS : STEP_MS;
}

/** How long after the statement's end the stop was accepted; null when there was nothing to stop any more. */
async function distance({ world, figures }: Stage, run: string, end: number) {
  const [row] = await world.audit.query<{ accepted: number | null; finished: number | null }>(
    `SELECT extract(epoch FROM stop_requested_at)::float8 * 1000 AS accepted,
       (SELECT extract(epoch FROM max(ended_at))::float8 * 1000 FROM run_steps
         WHERE run_id = $1 AND status = 'finished' AND data_transaction_id IS NOT NULL) AS finished
     FROM runs WHERE id = $1`,
    [run],
  );
  const { accepted = null, finished = null } = row ?? {};
  if (accepted === null) return null;
  figures.sample('close races: stop accepted after the end of the statement', accepted - end);
  const misses = [accepted - end, ...(finished === null ? [] : [accepted - finished])];
  if (misses.some((miss) => Math.abs(miss) <= JITTER_MS))
    figures.count(`close races: within ±${JITTER_MS} ms of the end or the commit`);
  return accepted - end;
}
