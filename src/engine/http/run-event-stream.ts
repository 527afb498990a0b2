import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { RunEventType } from '../../runs/run-event.entity.js';
import { RunSignals } from '../../runs/run-signals.js';
import { isoMs } from '../../runs/stop-intent-statements.js';
import { ACTIVE, type RunStatus } from '../../runs/run-status.js';

interface Found {
  readonly [key: string]: unknown;
  readonly status: RunStatus;
  readonly events: readonly {
    readonly seq: number;
    readonly at: string;
    readonly type: RunEventType;
    readonly data: object;
  }[];
}

const BATCH = 500;
// Behind the notifications, for those that are lost.
const LOOK_AGAIN_MS = 1000;
// Proxies close connections on which nothing is said for long.
const KEEP_ALIVE_MS = 15_000;
/** How long a stream may outlast the right to it. */
const ASK_AGAIN_MS = 5000;

const EVENTS_AFTER = {
  name: 'run-events-after',
  text: `SELECT r.status, (SELECT coalesce(json_agg(json_build_object('seq', seq, 'at', ${isoMs('at')}, 'type', type, 'data', data)
      ORDER BY seq), '[]')
    FROM (SELECT * FROM run_events WHERE run_id = r.id AND seq > $2 ORDER BY seq LIMIT ${BATCH}) e) AS events
    FROM runs r WHERE r.id = $1`,
};

/** The events of a run as Server-Sent Events, from the past into the future, until the run is over. */
@Injectable()
export class RunEventStream {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly signals: RunSignals,
  ) {}

  /** True when the run is over and has no event later than `seen`. */
  async isOver(runId: string, seen: number): Promise<boolean> {
    const found = await this.find(runId, seen);
    return found === null || (found.events.length === 0 && !ACTIVE.includes(found.status));
  }

  /**
   * @param seen number of the last event the client has had; 0 for none
   * @param mayWatch asked again and again; the stream ends when he may not
   * @param signal ends it as it stands: the client asks again, another process if need be
   */
  async *read(
    runId: string,
    seen: number,
    mayWatch: () => Promise<boolean>,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let last = seen;
    let news = true;
    let wake = (): void => undefined;
    const look = () => {
      news = true;
      wake();
    };
    const unwatch = this.signals.watchEvents(runId, look);
    signal.addEventListener('abort', look);
    try {
      let saidAt = performance.now();
      let askedAt = saidAt;
      while (!signal.aborted) {
        news = false;
        if (performance.now() - askedAt > ASK_AGAIN_MS) {
          if (!(await mayWatch())) return;
          askedAt = performance.now();
        }
        const found = await this.find(runId, last);
        if (found === null) return;
        for (const { seq, at, type, data } of found.events) {
          yield `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ at, ...data })}\n\n`;
          last = seq;
          saidAt = performance.now();
        }
        if (found.events.length === BATCH) continue;
        // The final state is an event itself: it was sent when nothing is left.
        if (!ACTIVE.includes(found.status) && found.events.length === 0) return;
        if (!ACTIVE.includes(found.status)) continue;
        if (performance.now() - saidAt > KEEP_ALIVE_MS) {
          yield ': still here\n\n';
          saidAt = performance.now();
        }
        if (news as boolean) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_AGAIN_MS);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    } finally {
      unwatch();
      signal.removeEventListener('abort', look);
    }
  }

  private async find(runId: string, seen: number): Promise<Found | null> {
    const rows = await queryPrepared<Found>(this.orm, EVENTS_AFTER, [runId, seen]);
    return rows[0] ?? null;
  }
}
