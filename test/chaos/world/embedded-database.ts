import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EmbeddedServer,
  startEmbeddedPostgres,
} from '../../../src/database/embedded/embedded-postgres.js';
import { superuserUrl } from '../../../src/database/embedded/cluster.js';
import { readPostmaster } from '../../../src/database/embedded/postmaster-file.js';
import { testFolder } from '../../support/test-server.js';
import { until } from '../../support/wait.js';
import type { Database } from './postgres-server.js';

/** The PostgreSQL that the product keeps itself: when it dies, it is for the product to start it again. */
export class EmbeddedDatabase implements Database {
  private constructor(
    /** DATA_DIR of the product. */
    readonly folder: string,
    private readonly cluster: string,
    private readonly server: EmbeddedServer,
  ) {}

  static async start(): Promise<EmbeddedDatabase> {
    const folder = testFolder('embedded');
    const cluster = join(folder, 'postgres');
    mkdirSync(folder, { recursive: true });
    execFileSync('cp', ['-a', process.env['FERMATA_TEST_TEMPLATE'] ?? '', cluster]);
    appendFileSync(join(cluster, 'postgresql.conf'), 'track_commit_timestamp = on\nfsync = off\n');
    // As if an earlier process had left it behind: only so its port is known before the product starts.
    const server = await startEmbeddedPostgres({ cluster, database: 'fermata', preferredPort: 0 });
    return new EmbeddedDatabase(folder, cluster, server);
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  url(database: string): string {
    return superuserUrl(this.cluster, this.port, database);
  }

  get isAlive(): boolean {
    const postmaster = readPostmaster(this.cluster);
    return postmaster !== null && postmaster !== 'stale' && postmaster.ready;
  }

  /** Waits until the product has done so. */
  async start(): Promise<void> {
    await until('the product starts its PostgreSQL', () => Promise.resolve(this.isAlive), 60_000);
  }

  kill(): Promise<void> {
    const postmaster = readPostmaster(this.cluster);
    if (postmaster !== null && postmaster !== 'stale') process.kill(postmaster.pid, 'SIGKILL');
    return Promise.resolve();
  }

  /** Whoever leaves last stops it; that is us, when no product is there any more. */
  async stop(): Promise<void> {
    if (!this.isAlive) return;
    await until('its last sessions are gone', () => this.server.stop());
  }
}
