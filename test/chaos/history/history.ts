import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ChaosEvent, Happening } from './event.js';

/** Milliseconds of the clock that events are dated by. */
export const now = (): number => performance.now();

/**
 * What happened in a scenario, one JSON line an event. What was not checked yet is also kept in memory, so that a long
 * scenario can be checked a piece at a time.
 */
export class History {
  private readonly lines: WriteStream | null;
  private unchecked: ChaosEvent[] = [];
  private calls = 0;

  /** @param file written anew; null: nothing is written */
  constructor(readonly file: string | null) {
    if (file !== null) mkdirSync(dirname(file), { recursive: true });
    this.lines = file === null ? null : createWriteStream(file);
  }

  record(happening: Happening): ChaosEvent {
    const event: ChaosEvent = { at: now(), ...happening };
    this.unchecked.push(event);
    this.lines?.write(`${JSON.stringify(event)}\n`);
    return event;
  }

  note(text: string): void {
    this.record({ kind: 'note', text });
  }

  fault(what: string, target: string): void {
    this.record({ kind: 'fault', what, target });
  }

  /** Numbers requests. */
  nextCall(): number {
    return (this.calls += 1);
  }

  /** The events since the last `take`. */
  peek(): readonly ChaosEvent[] {
    return this.unchecked;
  }

  /** The events since the last call, out of memory. */
  take(): ChaosEvent[] {
    const taken = this.unchecked;
    this.unchecked = [];
    return taken;
  }

  async close(): Promise<void> {
    if (this.lines === null) return;
    this.lines.end();
    await finished(this.lines);
  }
}
