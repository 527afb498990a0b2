import { Inject, Injectable, Logger } from '@nestjs/common';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { type ClaimedRun, RunClaims } from '../../runs/run-claims.js';
import { RunExecutor } from './run-executor.js';

/**
 * Keeps the leases of this process's runs, and gives up a run whose lease it could not renew before anybody else may take
 * it (self-fencing). Measured on the process's monotonic clock from the moment a claim or renewal was sent, so that neither
 * a wrong wall clock nor a process that stood still is deceived.
 */
@Injectable()
export class RunLeases {
  private readonly logger = new Logger(RunLeases.name);
  private readonly leaseMs: number;
  /** By run id and epoch: until when it is ours for certain. */
  private readonly until = new Map<string, number>();
  private timers: NodeJS.Timeout[] = [];
  private renewing = false;

  constructor(
    private readonly claims: RunClaims,
    private readonly executor: RunExecutor,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    this.leaseMs = config.leaseSeconds * 1000;
  }

  start(workerId: string): void {
    this.timers = [
      setInterval(() => void this.renew(workerId), this.leaseMs / 3),
      setInterval(() => {
        this.giveUpOverdue();
      }, this.leaseMs / 20),
    ];
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** @param sentAt `performance.now()` before the claim was sent */
  claimed(run: ClaimedRun, sentAt: number): void {
    this.until.set(keyOf(run), sentAt + this.leaseMs);
  }

  ended(run: ClaimedRun): void {
    this.until.delete(keyOf(run));
  }

  private async renew(workerId: string): Promise<void> {
    const { active } = this.executor;
    if (active.length === 0 || this.renewing) return;
    this.renewing = true;
    const sentAt = performance.now();
    void this.executor.letGoOfLostSessions();
    // One that was given up is not kept from others for as long as it takes to end here.
    const runs = active.filter((run) => this.until.has(keyOf(run)));
    try {
      const ours = new Set(await this.claims.renew(runs, workerId));
      for (const run of runs)
        if (!ours.has(run.runId)) this.lose(run, 'it was taken over');
        else if (this.until.has(keyOf(run))) this.claimed(run, sentAt);
    } catch (error) {
      this.logger.warn(`lease not renewed: ${(error as Error).message}`);
    } finally {
      this.renewing = false;
    }
  }

  private giveUpOverdue(): void {
    // Time to cancel before another worker may begin.
    const margin = this.leaseMs / 5;
    for (const run of this.executor.active)
      if (performance.now() > (this.until.get(keyOf(run)) ?? Infinity) - margin)
        this.lose(run, 'its lease could not be renewed');
  }

  private lose(run: ClaimedRun, why: string): void {
    // One that has just ended is not renewed either.
    if (!this.until.delete(keyOf(run))) return;
    this.logger.warn({ message: `run given up: ${why}`, runId: run.runId, epoch: run.epoch });
    void this.executor.lose(run.runId);
  }
}

function keyOf({ runId, epoch }: ClaimedRun): string {
  return `${runId} ${epoch}`;
}
