import { Redis } from 'ioredis';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../src/database/embedded/free-port.js';

const START_DEADLINE_MS = 10_000;

/** A Redis that forgets everything when it ends. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly isAlive: boolean;
  /** One command on a connection of its own. */
  call(command: string, ...values: string[]): Promise<unknown>;
  /** SIGKILL. Harmless when it is dead already. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  start(): Promise<void>;
}

/** @param folder for its pid file, so that one that leaks is found */
export async function startRedis(
  folder: string,
  { password }: { readonly password?: string } = {},
): Promise<TestRedis> {
  const port = await freePort(0);
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  const url = `redis://${login}127.0.0.1:${port}`;
  let running: ChildProcess | null = null;
  const redis: TestRedis = {
    url,
    port,
    get isAlive() {
      return running !== null;
    },
    call: async (command, ...values) => {
      const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
      client.on('error', () => undefined);
      try {
        return await client.call(command, ...values);
      } finally {
        client.disconnect();
      }
    },
    kill: async () => {
      const killed = running;
      running = null;
      if (killed?.exitCode !== null || !killed.kill('SIGKILL')) return;
      await once(killed, 'exit');
    },
    start: async () => {
      running = await spawnRedis(port, folder, password);
    },
  };
  await redis.start();
  return redis;
}

async function spawnRedis(port: number, folder: string, password = ''): Promise<ChildProcess> {
  const settings = { port, bind: '127.0.0.1', dir: folder, pidfile: `${folder}/redis.pid` };
  const flags = Object.entries({ ...settings, save: '', appendonly: 'no', requirepass: password });
  const child = spawn(
    'redis-server',
    flags.flatMap(([name, value]) => [`--${name}`, `${value}`]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`redis-server ${why}\n${output}`));
    };
    const timer = setTimeout(fail, START_DEADLINE_MS, 'was not ready in time');
    child.once('error', ({ message }) => {
      clearTimeout(timer);
      fail(`cannot be started: ${message}`);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${String(code)}`);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return child;
}
