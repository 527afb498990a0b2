import type { History } from '../history/history.js';
import {
  type ProductProcess,
  SERVING,
  startProduct,
  WORKING,
} from '../../support/product-process.js';

export interface ProductOptions {
  readonly name: string;
  readonly kind: 'api' | 'worker';
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process of the product that can die and come back; what is done to it goes into the history. */
export class Product {
  private running: ProductProcess | null = null;
  private frozen = false;

  constructor(
    private readonly options: ProductOptions,
    private readonly history: History,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get isAlive(): boolean {
    return this.running !== null;
  }

  get pid(): number | null {
    return this.running?.pid ?? null;
  }

  /** Where it listens, of an API. */
  get url(): string {
    return `http://127.0.0.1:${this.options.environment['PORT'] ?? ''}`;
  }

  /** What it has written. */
  get output(): string {
    return this.running?.output() ?? '';
  }

  /** @param more variables for this life only */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const { kind, logFile } = this.options;
    const environment = { LOG_LEVEL: 'info', ...this.options.environment, ...more };
    const started = await startProduct({
      ...(kind === 'api' ? SERVING : WORKING),
      environment,
      logFile,
    });
    this.running = started;
    this.history.fault('started', this.name);
    void started.exited.then((how) => {
      if (this.running === started) this.crashed(how);
    });
  }

  /** Signals it and waits for its end. Harmless when it is dead. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | null> {
    const { running } = this;
    if (running === null) return null;
    this.running = null;
    this.history.fault(signal, this.name);
    if (this.frozen && signal === 'SIGTERM') this.signal('SIGCONT', running.pid);
    this.frozen = false;
    const how = await running.kill(signal);
    this.history.fault(`ended with ${String(how)}`, this.name);
    return how;
  }

  /** Nobody has asked it to end: no fault of its surroundings may end a process. */
  private crashed(how: number | string | null): void {
    this.running = null;
    this.history.record({
      ...{ kind: 'claim', invariant: 'I5', run: null, holds: false },
      what: `${this.name} goes on`,
      detail: `it ended by itself with ${String(how)}; see ${this.options.logFile}`,
    });
  }

  kill(): Promise<number | string | null> {
    return this.end('SIGKILL');
  }

  /** It stands still, and does not know. */
  freeze(): void {
    if (this.running === null) return;
    this.frozen = true;
    this.signal('SIGSTOP', this.running.pid);
  }

  thaw(): void {
    if (this.running === null || !this.frozen) return;
    this.frozen = false;
    this.signal('SIGCONT', this.running.pid);
  }

  private signal(signal: 'SIGSTOP' | 'SIGCONT', pid: number): void {
    process.kill(pid, signal);
    this.history.fault(signal, this.name);
  }
}
