import type { Checker, Verdict } from '../checker/checker.js';
import type { ChaosEvent } from '../history/event.js';
import type { History } from '../history/history.js';
import type { Api } from '../world/api.js';
import type { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import { until } from '../../support/wait.js';
import type { Figures } from './figures.js';

const OVER_DEADLINE_MS = 40_000;
/** So many that chance alone does not keep a scenario from what it is about. */
const ENOUGH_ROUNDS = 10;
const ACTIVE: readonly string[] = ['queued', 'running', 'stopping'];

interface StageParts {
  readonly world: World;
  readonly history: History;
  readonly random: Random;
  readonly rounds: number;
  readonly figures: Figures;
  readonly checker: Checker;
  /** Called at the end of each piece. */
  readonly judged: (verdict: Verdict, events: readonly ChaosEvent[]) => void;
  readonly progress: (done: number) => void;
  /** Somebody wants to end the suite. */
  readonly signal: AbortSignal;
}

/** Where a scenario is played: its world, its chance, and the judge. */
export class Stage {
  private readonly read = new Set<string>();
  private done = 0;

  constructor(private readonly parts: StageParts) {}

  get world(): World {
    return this.parts.world;
  }

  get history(): History {
    return this.parts.history;
  }

  get random(): Random {
    return this.parts.random;
  }

  get figures(): Figures {
    return this.parts.figures;
  }

  get rounds(): number {
    return this.parts.rounds;
  }

  /** Rounds so far. */
  get played(): number {
    return this.done;
  }

  /** Numbers of rounds, until so many are played or somebody wants to end the suite. */
  *round(rounds = this.rounds): Generator<number> {
    for (let round = 0; round < rounds; round += 1) {
      if (this.parts.signal.aborted) return;
      yield round;
      this.done += 1;
      this.parts.progress(this.done);
    }
  }

  /** Players take rounds from one heap until it is empty. */
  async sideBySide(
    players: number,
    play: (player: number, round: number) => Promise<void>,
    rounds = this.rounds,
  ): Promise<void> {
    const heap = this.round(rounds);
    // A loop over the heap would end it for the others as well.
    const player = async (_: unknown, i: number) => {
      for (let next = heap.next(); next.done !== true; next = heap.next())
        await play(i, next.value);
    };
    await Promise.all(Array.from({ length: players }, player));
  }

  /** States what only the scenario can judge. */
  claim(invariant: string, what: string, holds: boolean, detail: string, run?: string): void {
    this.history.record({ kind: 'claim', invariant, run: run ?? null, what, holds, detail });
  }

  /**
   * A scenario that never came to the moment it is about has proven nothing.
   * @param count of the figures, which must be more than 0 when some rounds were played
   * @throws Error when it is not
   */
  demand(count: string): void {
    if (this.done >= ENOUGH_ROUNDS && this.figures.counted(count) === 0)
      throw new Error(`in ${this.done} rounds there was nothing to count as "${count}"`);
  }

  /** Waits until a run's row says so, reading it all the time. @returns what it says */
  status(run: string, wanted: (status: string) => boolean, deadlineMs?: number): Promise<string> {
    return until(
      `run ${run} in another state`,
      async () => {
        // While the metadata database is down nobody knows.
        const rows = await this.world.audit.rows([run]).catch(() => null);
        const row = rows?.get(run);
        return row !== undefined && wanted(row.status) ? row.status : null;
      },
      deadlineMs,
    );
  }

  /** Waits for a run's final state, then reads what it has left: before the next run of its workfile. */
  async over(run: string, workfile: number, deadlineMs?: number): Promise<string> {
    const status = await this.status(run, (one) => !ACTIVE.includes(one), deadlineMs);
    await this.readOutputs(run, workfile);
    return status;
  }

  async readOutputs(run: string, workfile: number): Promise<void> {
    this.read.add(run);
    const flow = this.world.flowOf(workfile);
    if (flow !== undefined) await this.world.outputs.read(run, flow.traces(workfile));
  }

  /**
   * Waits until all runs are over, gathers what is known of them, and has the piece of history since the last call
   * checked. A run that is not over by the deadline is a violation.
   */
  async settle(deadlineMs = OVER_DEADLINE_MS): Promise<Verdict> {
    const { world, history, checker } = this.parts;
    await until(
      'all runs are over',
      async () => (await world.audit.active().catch(() => ['unknown'])).length === 0,
      deadlineMs,
    ).catch((error: unknown) => {
      history.note((error as Error).message);
    });
    await world.watch.settled();
    await world.audit.collect();
    const events = history.peek();
    const latest = new Map<number, string>();
    const runs = new Set<string>();
    for (const event of events)
      if (event.kind === 'move') {
        runs.add(event.run);
        latest.set(event.workfile, event.run);
      }
    for (const [workfile, run] of latest)
      if (!this.read.has(run)) await this.readOutputs(run, workfile);
    await world.audit.conclude([...runs]);
    await world.leftovers([...runs]);
    await world.flush();
    const piece = history.take();
    const verdict = checker.check(piece);
    this.parts.judged(verdict, piece);
    return verdict;
  }

  /** Every place of every worker can be used: none is kept by a run that is over. */
  async slots(workfiles: readonly number[], api: Api = this.world.api()): Promise<void> {
    if (workfiles.length === 0) throw new Error('without a workfile no place is tried');
    const runs = await Promise.all(workfiles.map((id) => this.world.run(id, api)));
    const atWork = runs.map((run) => this.world.watch.atWork(run ?? '', /pg_sleep/, 20_000));
    const free = await Promise.allSettled(atWork);
    const taken = free.filter(({ status }) => status === 'rejected').length;
    this.claim('I10', 'all slots are free', taken === 0, `${taken} of ${runs.length} are taken`);
    await Promise.all(workfiles.map((id) => api.stop(id)));
  }
}
