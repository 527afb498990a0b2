import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { findBinaries, serverUser } from '../../../src/database/embedded/binaries.js';
import { superuserUrl } from '../../../src/database/embedded/cluster.js';
import { freePort } from '../../../src/database/embedded/free-port.js';
import { testFolder } from '../../support/test-server.js';
import { until } from '../../support/wait.js';

const SETTINGS = {
  max_connections: 100,
  // The machine does not lose power here; only processes die.
  fsync: 'off',
  client_connection_check_interval: '1s',
};

/** A PostgreSQL that can die. */
export interface Database {
  readonly port: number;
  /** Superuser connection. */
  url(database: 'fermata' | 'default' | 'postgres'): string;
  readonly isAlive: boolean;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly name: string;
  readonly logFile: string;
  readonly settings?: Readonly<Record<string, string | number>>;
  /**
   * Lets it live in a process namespace with no more pids than this, so that pids are used again at once. Where that is
   * not allowed (Linux and root only), it lives as usual.
   */
  readonly pids?: number;
}

/**
 * A PostgreSQL with the demo world whose processes are our children: unlike the embedded server of the product it can be
 * killed and started again at its port.
 */
export class PostgresServer implements Database {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly cluster: string,
    readonly port: number,
    private readonly command: readonly string[],
    private readonly options: ServerOptions,
    /** How many pids it has; null when they are the machine's. */
    readonly pids: number | null,
  ) {}

  static async start(options: ServerOptions): Promise<PostgresServer> {
    const cluster = join(testFolder(options.name), 'server');
    execFileSync('cp', ['-a', process.env['FERMATA_TEST_TEMPLATE'] ?? '', cluster]);
    const port = await freePort(0);
    const { pg_ctl } = await findBinaries();
    const settings = Object.entries({ ...SETTINGS, ...options.settings });
    const flags = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const postgres = [
      ...[join(dirname(pg_ctl), 'postgres'), '-D', cluster],
      ...['-p', `${port}`, '-h', '127.0.0.1', '-k', '', ...flags],
    ];
    const { uid, gid } = serverUser();
    const asUser =
      uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const pids = options.pids !== undefined && canLimitPids(options.pids) ? options.pids : null;
    const inside = pids === null ? [] : limitedTo(pids);
    const command = [...inside, ...asUser, ...postgres];
    const server = new PostgresServer(cluster, port, command, options, pids);
    await server.start();
    return server;
  }

  url(database: 'fermata' | 'default' | 'postgres'): string {
    return superuserUrl(this.cluster, this.port, database);
  }

  get isAlive(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it again, with what it had. */
  async start(): Promise<void> {
    // Of one that was killed; with a namespace of its own the pid in there would be somebody else's here.
    rmSync(join(this.cluster, 'postmaster.pid'), { force: true });
    const log = openSync(this.options.logFile, 'a');
    const [program = '', ...parameters] = this.command;
    const child = spawn(program, parameters, { cwd: '/', stdio: ['ignore', log, log] });
    this.child = child;
    await until(`PostgreSQL ${this.options.name} is up`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended; see ${this.options.logFile}`);
      return accepts(this.url('fermata'));
    });
  }

  /** SIGKILL to the postmaster: its sessions notice and end. Returns when all of it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!this.isAlive || child === null) return;
    const exited = once(child, 'exit');
    // In a namespace the postmaster is the child of our child, and its first process: all others end with it.
    if (this.pids !== null) process.kill(onlyChildOf(child.pid ?? 0), 'SIGKILL');
    else child.kill('SIGKILL');
    await exited;
    appendFileSync(this.options.logFile, '-- killed\n');
    await until('its sessions are gone', () => Promise.resolve(!hasProcesses(this.cluster)));
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (this.isAlive && child !== null && this.pids === null) {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
    } else await this.kill();
    rmSync(this.cluster, { recursive: true, force: true });
  }
}

function onlyChildOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

function limitedTo(pids: number): string[] {
  const script = `echo ${pids} > /proc/sys/kernel/pid_max && exec "$@"`;
  return ['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh'];
}

function canLimitPids(pids: number): boolean {
  try {
    const [program = '', ...parameters] = limitedTo(pids);
    execFileSync(program, [...parameters, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The working directory of every process of a cluster is its folder. */
function hasProcesses(cluster: string): boolean {
  try {
    execFileSync('sh', ['-c', `ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -q -- "-> ${cluster}$"`]);
    return true;
  } catch {
    return false;
  }
}

async function accepts(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
