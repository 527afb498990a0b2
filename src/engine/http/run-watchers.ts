import { Injectable } from '@nestjs/common';
import { OpenSessions } from '../../access/open-sessions.js';
import type { Viewer } from '../../access/viewer.js';
import { AccessDenied, DomainError, RecordNotFound } from '../../common/errors/domain-error.js';
import { RunsService } from '../../workfiles/runs.service.js';

/** Each is asked for anew every second, as long as it is open. */
const MOST = 100;

/** 429: the user watches as many runs as he may. */
export class TooManyWatched extends DomainError {
  constructor() {
    super(
      'throttled',
      { message: `You are watching ${MOST} runs. Close one of them.` },
      { retryAfterSeconds: 1 },
    );
  }
}

/** Who watches runs, how many at once, and for how long he may: a stream outlasts the request that opened it. */
@Injectable()
export class RunWatchers {
  private readonly watching = new Map<number, number>();

  constructor(
    private readonly sessions: OpenSessions,
    private readonly runs: RunsService,
  ) {}

  /** Of this process. @returns what ends it. @throws TooManyWatched */
  begin({ id }: Viewer): () => void {
    const before = this.watching.get(id) ?? 0;
    if (before >= MOST) throw new TooManyWatched();
    this.watching.set(id, before + 1);
    return () => {
      const left = (this.watching.get(id) ?? 0) - 1;
      if (left > 0) this.watching.set(id, left);
      else this.watching.delete(id);
    };
  }

  /** Whether he is still logged in, and may still see the run. */
  async mayWatch(runId: string, { sessionId }: Viewer): Promise<boolean> {
    const viewer = sessionId === undefined ? null : await this.sessions.viewerOf(sessionId);
    if (viewer === null) return false;
    try {
      await this.runs.assertVisible(runId, viewer);
      return true;
    } catch (error) {
      if (error instanceof AccessDenied || error instanceof RecordNotFound) return false;
      throw error;
    }
  }
}
