import type { Logger } from '@nestjs/common';

/** Says once that something is out of reach and once that it is back, however often it is tried in between. */
export class Outage {
  private beganAt: number | null = null;

  constructor(
    private readonly logger: Logger,
    /** Begins the sentence, e.g. `the queue`. */
    private readonly what: string,
  ) {}

  get lasts(): boolean {
    return this.beganAt !== null;
  }

  began(cause: unknown): void {
    if (this.beganAt !== null) return;
    this.beganAt = performance.now();
    this.logger.warn(`${this.what} is out of reach and tried again: ${reasonOf(cause)}`);
  }

  ended(): void {
    if (this.beganAt === null) return;
    const seconds = Math.round((performance.now() - this.beganAt) / 100) / 10;
    this.beganAt = null;
    this.logger.log(`${this.what} is back after ${seconds} s`);
  }
}

/** Node's errors of several addresses tried in turn have no message, only a code. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
