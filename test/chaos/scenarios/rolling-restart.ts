import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import type { Stage } from '../suite/stage.js';
import { chain } from '../world/chaos-flows.js';

const OPERATORS = 4;
const FLOW = chain(OPERATORS, 0.25);
const PLAYERS = 5;
/** Answers of a process that is on its way out, or to a run that is in the way of another one. */
const IN_ORDER: readonly number[] = [503, 422];

/** 9. Every process is replaced in its turn while runs go on and wait: none is lost, none is done from the beginning. */
export const ROLLING_RESTART: Scenario = {
  name: 'rolling-restart',
  title: 'all processes are replaced one after the other while runs go on',
  rounds: 6,
  world: {
    apis: 2,
    workers: 2,
    environment: { SHUTDOWN_GRACE_MS: '300', RUN_RESUME_LIMIT: '3' },
    workerEnvironment: { WORKER_CONCURRENCY: '3' },
  },
  async play(stage) {
    const { world, random, figures } = stage;
    const workfiles = await world.store(FLOW, PLAYERS);
    for (const _round of stage.round()) {
      const replacing = new AbortController();
      const runs = workfiles.map((workfile) => keepRunning(stage, workfile, replacing.signal));
      for (const product of world.products) {
        await sleep(random.between(100, 900));
        const how = await product.end('SIGTERM');
        stage.claim('I5', `${product.name} ends in order`, how === 0, String(how));
        await product.start();
      }
      replacing.abort();
      const done = (await Promise.all(runs)).reduce((sum, n) => sum + n, 0);
      figures.count('runs during rolling restarts', done);
      await stage.settle();
    }
    await repeats(stage);
    await stage.settle();
  },
};

/** One run after the other, on whichever API answers. @returns how many */
async function keepRunning(stage: Stage, workfile: number, signal: AbortSignal): Promise<number> {
  const { world, random } = stage;
  let runs = 0;
  while (!signal.aborted) {
    const answer = await world.api(random.chance(0.5) ? 0 : 1).run(workfile);
    // Without an answer it may have been accepted all the same: then it is in the way (422) until it is over.
    const run = answer?.run ?? null;
    if (answer === null || run === null) {
      const isInOrder = answer === null || IN_ORDER.includes(answer.http);
      const detail = `${answer?.http ?? 0} ${JSON.stringify(answer?.body)}`;
      if (!isInOrder) stage.claim('I5', 'a run is refused for a reason', false, detail);
      await sleep(100);
      continue;
    }
    const status = await stage.over(run, workfile, 60_000);
    stage.claim('I5', 'a run outlives its workers', status === 'succeeded', status, run);
    runs += 1;
  }
  return runs;
}

/** After a handover at most the interrupted operator is done again. */
export async function repeats(stage: Stage): Promise<void> {
  const { world, figures } = stage;
  const rows = await world.audit.query<{ run: string; hands: number; repeated: number }>(
    `SELECT id AS run, epoch - 1 AS hands, greatest(0, (SELECT count(*)::int FROM run_steps s WHERE s.run_id = runs.id)
       - cardinality(operator_names)) AS repeated
     FROM runs WHERE epoch > 1 AND status = 'succeeded'`,
  );
  for (const { run, hands, repeated } of rows) {
    figures.count('handovers', hands);
    figures.count('operators repeated after a handover', repeated);
    const detail = `${repeated} operators were, after ${hands} handovers`;
    stage.claim(
      'I8',
      'at most one operator a handover is repeated',
      repeated <= hands,
      detail,
      run,
    );
  }
}
