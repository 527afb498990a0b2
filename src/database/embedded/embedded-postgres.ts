import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findBinaries, type PostgresBinaries, serverUser, type ServerUser } from './binaries.js';
import { ensureCluster, superuserUrl } from './cluster.js';
import { freePort } from './free-port.js';
import { endOrphans } from './orphans.js';
import { type Postmaster, readPostmaster, removeStaleLock } from './postmaster-file.js';
import { ensureDatabase, isLastClient } from './server-probe.js';

const run = promisify(execFile);
const START_DEADLINE_MS = 30_000;
const PREFERRED_PORT = 54_329;
/** Attempts that a killed server's children are given to end in order. */
const POLITE_ATTEMPTS = 3;
const PAUSE_MS = { first: 100, longest: 2000 };

const SETTINGS = {
  max_connections: 200,
  // Without it a query whose client is gone runs to its end, with its temporary files (stack notes 5).
  client_connection_check_interval: '1s',
  temp_file_limit: '20GB',
};

export interface EmbeddedOptions {
  /** Folder of the cluster; made when missing. */
  readonly cluster: string;
  readonly database: string;
  /** 0: any free one. A taken one is no problem. */
  readonly preferredPort?: number;
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface EmbeddedServer {
  /** Superuser connection to `database`. */
  readonly url: string;
  readonly pid: number;
  /** False when a server was already there: another process's, or one that a crash left behind. */
  readonly started: boolean;
  /** The server is gone; not while it starts, recovers or shuts down. */
  isDown(): boolean;
  /**
   * Starts a server that is gone again, at the same port and folder. Several processes may try at once: PostgreSQL's own
   * lock lets one of them win.
   * @returns its process; `started` says whether it was started from here
   * @throws Error when it does not come up within 30 s
   */
  startAgain(): Promise<{ readonly pid: number; readonly started: boolean }>;
  /** Stops the server unless somebody else is connected: whoever leaves last turns off the light. */
  stop(): Promise<boolean>;
}

interface Place extends Required<EmbeddedOptions> {
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
}

/**
 * Starts a real PostgreSQL on 127.0.0.1, or attaches to the one that already serves the folder. A stale lock file, a
 * recycled pid, a server that is starting or shutting down and a starter killed half-way are all waited for or cleaned
 * up. The server has a session of its own, so Ctrl-C does not reach it before our shutdown is through.
 * @throws Error when it does not come up within 30 s
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const place: Place = {
    preferredPort: PREFERRED_PORT,
    ...options,
    cluster: resolve(options.cluster),
    settings: { ...SETTINGS, ...options.settings },
    binaries: await findBinaries(),
    user: serverUser(),
  };
  mkdirSync(join(place.cluster, '..'), { recursive: true });
  await ensureCluster(place.cluster, place.binaries, place.user);

  const { postmaster, started } = await bringUp(place, () => freePort(place.preferredPort));
  return attach(place, postmaster, started);
}

/** Waits for the folder's server to be ready, and starts it when there is none. */
async function bringUp(
  place: Place,
  portToTake: () => Promise<number>,
): Promise<{ postmaster: Postmaster; started: boolean }> {
  const { cluster } = place;
  let started = false;
  let lastError: unknown;
  let failures = 0;
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    try {
      const postmaster = readPostmaster(cluster);
      if (postmaster === null || postmaster === 'stale') {
        removeStaleLock(cluster);
        if (failures > 0) endOrphans(cluster, failures > POLITE_ATTEMPTS ? 'SIGKILL' : 'SIGQUIT');
        await launch(place, await portToTake());
        started = true;
      } else if (postmaster.ready) {
        return { postmaster, started };
      }
    } catch (error) {
      lastError = error;
      failures += 1;
    }
    await sleep(started ? 5 : Math.min(PAUSE_MS.first * 2 ** failures, PAUSE_MS.longest));
  }
  throw new Error(`embedded PostgreSQL in ${cluster} did not start; see server.log there`, {
    cause: lastError,
  });
}

async function launch({ cluster, binaries, user, settings }: Place, port: number): Promise<void> {
  const values = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const flags = ['-p', port, '-h', '127.0.0.1', '-k', "''", ...values].join(' ');
  const log = join(cluster, 'server.log');
  await run(binaries.pg_ctl, ['-D', cluster, '-w', '-l', log, '-o', flags, 'start'], {
    ...user,
    cwd: '/',
  });
}

async function attach(
  place: Place,
  { pid, port }: Postmaster,
  started: boolean,
): Promise<EmbeddedServer> {
  const { cluster, database, binaries, user } = place;
  const admin = superuserUrl(cluster, port, 'postgres');
  await ensureDatabase(admin, database);
  return {
    url: superuserUrl(cluster, port, database),
    pid,
    started,
    isDown: () => {
      const postmaster = readPostmaster(cluster);
      return postmaster === null || postmaster === 'stale';
    },
    startAgain: async () => {
      const again = await bringUp(place, () => Promise.resolve(port));
      if (again.postmaster.port !== port)
        throw new Error(
          `it serves at port ${again.postmaster.port} now, not at ${port}: this process must be started again`,
        );
      return { pid: again.postmaster.pid, started: again.started };
    },
    stop: async () => {
      if (!(await isLastClient(admin))) return false;
      await run(binaries.pg_ctl, ['-D', cluster, '-m', 'fast', '-w', 'stop'], {
        ...user,
        cwd: '/',
      });
      return true;
    },
  };
}
