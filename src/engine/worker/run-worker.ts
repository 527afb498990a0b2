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
import { RunClaims } from '../../runs/run-claims.js';
import { RunQueue } from '../../runs/run-queue.js';
import { RunExecutor } from './run-executor.js';

/** Takes queued runs and has them executed, as many side by side as this process is told. */
@Injectable()
export class RunWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunWorker.name);
  /** Names this process in the rows it owns. */
  private readonly workerId = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  private jobs: JobWorker | undefined;
  private renewing: NodeJS.Timeout | undefined;

  constructor(
    private readonly queue: RunQueue,
    private readonly claims: RunClaims,
    private readonly executor: RunExecutor,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    const { workerConcurrency, leaseSeconds } = this.config;
    if (workerConcurrency === 0) return;
    this.jobs = this.queue.work(workerConcurrency, (runId) => this.handle(runId));
    this.renewing = setInterval(() => void this.renew(), (leaseSeconds * 1000) / 3).unref();
    this.logger.log({ message: 'worker ready', workerId: this.workerId, workerConcurrency });
  }

  /** Runs under way are failed and their statements cancelled; taking them over is another worker's (D9, later). */
  async beforeApplicationShutdown(): Promise<void> {
    const closing = this.jobs?.close();
    await this.executor.abandon();
    await closing;
    clearInterval(this.renewing);
  }

  private async handle(runId: string): Promise<void> {
    const run = await this.claims.claim(runId, this.workerId, this.config.leaseSeconds);
    if (run === null) return;
    const { workfileId, epoch, requestId } = run;
    this.logger.log({ message: 'run started', runId, workfileId, epoch, requestId });
    await this.executor.execute(run);
  }

  private async renew(): Promise<void> {
    const runIds = this.executor.active;
    if (runIds.length === 0) return;
    try {
      await this.claims.renew(runIds, this.workerId, this.config.leaseSeconds);
    } catch (error) {
      this.logger.warn(`lease not renewed: ${(error as Error).message}`);
    }
  }
}
