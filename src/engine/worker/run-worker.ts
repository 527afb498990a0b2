import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import type { JobWorker } from '../../queue/job-queue.js';
import { type ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import { RunQueue } from '../../runs/run-queue.js';
import { RunSignals } from '../../runs/run-signals.js';
import { RunExecutor } from './run-executor.js';
import { RunLeases } from './run-leases.js';

const LOOK_MS = 1000;

/**
 * Takes runs and has them executed, as many side by side as this process is told. A job of the queue says that there is
 * something to take; what is taken is for the database to decide. Once a second it looks without being told: for runs whose
 * worker was lost, and for those whose job was.
 */
@Injectable()
export class RunWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunWorker.name);
  /** Names this process in the rows it owns. */
  private readonly workerId = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  private jobs: JobWorker | undefined;
  private looking: NodeJS.Timeout | undefined;
  private unwatch: (() => void) | undefined;
  private readonly working = new Set<Promise<void>>();
  private busy = 0;
  private closing = false;

  constructor(
    private readonly queue: RunQueue,
    private readonly claims: RunClaims,
    private readonly executor: RunExecutor,
    private readonly leases: RunLeases,
    private readonly signals: RunSignals,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    const { workerConcurrency } = this.config;
    if (workerConcurrency === 0) return;
    this.jobs = this.queue.work(workerConcurrency, () => this.work());
    this.unwatch = this.signals.watchReleases(() => void this.work());
    this.looking = setInterval(() => void this.work(), LOOK_MS);
    this.leases.start(this.workerId);
    this.logger.log({ message: 'worker ready', workerId: this.workerId, workerConcurrency });
  }

  /** Takes nothing more, waits for its runs as long as it may, and hands over what is left. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    clearInterval(this.looking);
    this.unwatch?.();
    const closing = this.jobs?.close();
    const waiting = this.executor.active.length;
    if (waiting > 0) {
      const { shutdownGraceMs } = this.config;
      this.logger.log({ message: 'waiting for runs to end', runs: waiting, shutdownGraceMs });
      await this.executor.drained(AbortSignal.timeout(shutdownGraceMs));
    }
    await this.executor.handOver();
    await Promise.all([closing, ...this.working]);
    this.leases.stop();
  }

  /** Executes one run after the other until there is none for this process to take. Never throws. */
  private work(): Promise<void> {
    return this.awaited(this.takeAll());
  }

  /** This process does not end before it. */
  private awaited(work: Promise<void>): Promise<void> {
    const working = work.finally(() => this.working.delete(working));
    this.working.add(working);
    return working;
  }

  private async takeAll(): Promise<void> {
    while (!this.closing && this.busy < this.config.workerConcurrency) {
      this.busy += 1;
      try {
        if (!(await this.takeOne())) return;
      } catch (error) {
        this.logger.warn(`cannot take a run: ${(error as Error).message}`);
        return;
      } finally {
        this.busy -= 1;
      }
    }
  }

  private async takeOne(): Promise<boolean> {
    const sentAt = performance.now();
    const atWork = this.executor.active.map(({ runId }) => runId);
    const run = (await this.claims.takeOver(this.workerId, atWork)) ?? (await this.claim());
    if (run === null) return false;
    if (this.closing) {
      await this.claims.release(run, { isLoss: false });
      return false;
    }
    // One word may stand for several runs.
    void this.work();
    const { runId, workfileId, epoch, requestId } = run;
    this.logger.log({ message: 'run started', runId, workfileId, epoch, requestId });
    this.leases.claimed(run, sentAt);
    await new Promise<void>((resolve) => {
      let isBack = false;
      const leave = () => {
        resolve();
        if (!isBack) return;
        isBack = false;
        this.busy -= 1;
        void this.work();
      };
      const comeBack = () => {
        isBack = this.busy < this.config.workerConcurrency;
        if (isBack) this.busy += 1;
        return isBack;
      };
      const executed = this.executor.execute(run, { leave, comeBack }).then(() => {
        this.leases.ended(run);
        leave();
      });
      void this.awaited(executed);
    });
    return true;
  }

  private async claim(): Promise<ClaimedRun | null> {
    return this.closing ? null : this.claims.claim(this.workerId);
  }
}
