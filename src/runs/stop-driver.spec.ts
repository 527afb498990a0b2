import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import type { RunSignals } from './run-signals.js';
import { StopDriver } from './stop-driver.js';

const ROUNDS = 3000;

describe('the drive of a stop', () => {
  it('that cannot be confirmed for long keeps nothing of its rounds', async () => {
    Logger.overrideLogger(false);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const inUse = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    let rounds = 0;
    let reached: () => void = () => undefined;
    const untilRound = (n: number) =>
      new Promise<void>((resolve) => {
        reached = () => {
          if (rounds >= n) resolve();
        };
      });
    // A metadata database that is away: each round looks for the state and fails.
    const orm = {
      get driver(): never {
        rounds += 1;
        reached();
        throw new Error('away');
      },
    } as unknown as OrmDataSource;
    const signals = {
      ended: (_runId: string, signal: AbortSignal) =>
        new Promise<null>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve(null);
          });
        }),
    } as unknown as RunSignals;
    const config = { stopRepeatMs: 0 } as AppConfig;
    const none = undefined as never;
    const driver = new StopDriver(orm, none, none, none, none, none, signals, config);

    const driving = driver.drive('a run', null);
    await untilRound(100);
    const before = inUse();
    await untilRound(100 + ROUNDS);
    const kept = inUse() - before;
    await driver.onApplicationShutdown();
    await driving;

    expect(kept / ROUNDS).toBeLessThan(100);
  });
});
