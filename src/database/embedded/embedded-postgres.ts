import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findBinaries, type PostgresBinaries, serverUser, type ServerUser } from './binaries.js';
import { ensureCluster, superuserUrl } from './cluster.js';
import { freePort } from './free-port.js';
import { postmasterFile, readPostmaster } from './postmaster-file.js';
import { ensureDatabase, isLastClient } from './server-probe.js';

const run = promisify(execFile);
const START_DEADLINE_MS = 30_000;
const PREFERRED_PORT = 54_329;

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

  let started = false;
  let lastError: unknown;
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    try {
      const postmaster = readPostmaster(place.cluster);
      if (postmaster === null || postmaster === 'stale') {
        rmSync(postmasterFile(place.cluster), { force: true });
        await launch(place);
        started = true;
      } else if (postmaster.ready) {
        return await attach(place, postmaster, started);
      }
    } catch (error) {
      lastError = error;
    }
    await sleep(started ? 5 : 100);
  }
  throw new Error(`embedded PostgreSQL in ${place.cluster} did not start; see server.log there`, {
    cause: lastError,
  });
}

async function launch({ cluster, binaries, user, preferredPort, settings }: Place): Promise<void> {
  const port = await freePort(preferredPort);
  const values = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const flags = ['-p', port, '-h', '127.0.0.1', '-k', "''", ...values].join(' ');
  const log = join(cluster, 'server.log');
  await run(binaries.pg_ctl, ['-D', cluster, '-w', '-l', log, '-o', flags, 'start'], {
    ...user,
    cwd: '/',
  });
}

async function attach(
  { cluster, database, binaries, user }: Place,
  { pid, port }: { pid: number; port: number },
  started: boolean,
): Promise<EmbeddedServer> {
  const admin = superuserUrl(cluster, port, 'postgres');
  await ensureDatabase(admin, database);
  return {
    url: superuserUrl(cluster, port, database),
    pid,
    started,
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
