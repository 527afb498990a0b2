import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../suite/scenario.js';
import { chain } from '../world/chaos-flows.js';

const FLOW = chain(3, 0.2);
const RUNS = 4;
const SKEWS = ['+1h', '-1h', '+400d', '+0 x2', '+0 x5', '+0 x0.5', '+0 x0.2'];
/** How far its log is off then, at least. */
const FAR_OFF_MS = 30 * 60_000;
/** Of the rate, in which there are the start of the process and the way of its log. */
const RATE_TOLERANCE = 0.3;

/** 4. A worker whose clock is wrong, or runs at a wrong rate, is wrong about nothing but its log. */
export const WRONG_CLOCKS: Scenario = {
  name: 'wrong-clocks',
  title: 'workers an hour ahead or behind, or with clocks that run too fast or too slow',
  rounds: 21,
  world: {
    apis: 1,
    workers: 2,
    environment: { LEASE_SECONDS: '2', RUN_RESUME_LIMIT: '50' },
  },
  missing: () => {
    if (library() !== null) return null;
    if (process.env['CI'] !== undefined)
      throw new Error('libfaketime is missing: apt-get install faketime');
    return 'libfaketime is not installed (Debian: apt-get install faketime)';
  },
  async play(stage) {
    const { world, random } = stage;
    const workfiles = await world.store(FLOW, RUNS);
    for (const round of stage.round()) {
      const skew = SKEWS[round % SKEWS.length] ?? '+1h';
      const wrong = world.worker(round % 2);
      await wrong.end('SIGTERM');
      const startedAt = Date.now();
      await wrong.start({
        LD_PRELOAD: library() ?? '',
        FAKETIME: skew,
        FAKETIME_NO_CACHE: '1',
        // Timers follow the monotonic clock: sometimes that one is right.
        FAKETIME_DONT_FAKE_MONOTONIC: random.chance(0.3) ? '1' : '0',
      });
      if (!isWrong(skew, clockOf(wrong.output), startedAt))
        throw new Error(`the clock of ${wrong.name} is not that of ${skew}`);
      stage.history.fault(`clock ${skew}`, wrong.name);
      const runs = await Promise.all(workfiles.map((workfile) => world.run(workfile)));
      await sleep(random.between(0, 600));
      if (random.chance(0.3)) {
        await wrong.kill();
        await wrong.start();
      }
      await world.api().stop(random.pick(workfiles));
      await sleep(random.between(0, 1500));
      await world.api().stop(random.pick(workfiles));
      for (const [i, run] of runs.entries()) await stage.over(run ?? '', workfiles[i] ?? 0, 60_000);
      await stage.settle();
    }
  },
};

/** Whether a clock that was right at the start, or would have been, shows what it should by now. */
function isWrong(skew: string, clock: number, startedAt: number): boolean {
  const now = Date.now();
  const [, rate] = / x([\d.]+)$/.exec(skew) ?? [];
  if (rate === undefined) return Math.abs(clock - now) > FAR_OFF_MS;
  const measured = (clock - startedAt) / (now - startedAt);
  return Math.abs(measured / Number(rate) - 1) < RATE_TOLERANCE;
}

/** What time a process says it is, in the last line that says so. */
function clockOf(log: string): number {
  const [, time = ''] = /.*"time":"([^"]+)"/s.exec(log) ?? [];
  return Date.parse(time);
}

/** Where Debian's package puts it. */
function library(): string | null {
  for (const folder of existsSync('/usr/lib') ? readdirSync('/usr/lib') : []) {
    const file = join('/usr/lib', folder, 'faketime/libfaketime.so.1');
    if (existsSync(file)) return file;
  }
  return null;
}
