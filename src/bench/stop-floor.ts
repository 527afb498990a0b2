import { join } from 'node:path';
import { ApiSession } from '../demo/api-session.js';
import type { CancelFloor } from './cancel-floor.js';
import { Child } from './child.js';

/** The floor under every stop that is asked for over HTTP and on disk before it is carried out (`stop-floor-server.ts`). */
export class StopFloor {
  private constructor(
    private readonly server: Child,
    private readonly session: ApiSession,
    private readonly floor: CancelFloor,
  ) {}

  /**
   * @param floor runs what is to be ended
   * @param urls addresses of the metadata database, and of the data source with an account that may end its sessions
   */
  static async on(
    floor: CancelFloor,
    urls: { readonly metadata: string; readonly data: string },
  ): Promise<StopFloor> {
    // The bench's modules run built; the chaos suite takes them from the source and their processes from the build.
    const module = join(import.meta.dirname, '../../dist/bench/stop-floor-server.js');
    const server = await Child.start(module, {
      FLOOR_METADATA_URL: urls.metadata,
      FLOOR_DATA_URL: urls.data,
    });
    return new StopFloor(server, ApiSession.anonymous(server.url), floor);
  }

  /** @returns milliseconds from the request to the statement that is no longer seen at work */
  untilDead(statement: string): Promise<number> {
    return this.floor.untilDead(statement, async (pid) => {
      const { status } = await this.session.call('POST', `/sessions/${pid}/stop`);
      if (status !== 202) throw new Error(`the floor was answered with ${status}`);
    });
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
