import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/database/embedded/free-port.js';
import { testFolder } from './test-server.js';

const START_DEADLINE_MS = 10_000;

export interface TestNats {
  readonly url: string;
  /** SIGKILL. Harmless when it is dead already. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  start(): Promise<void>;
  /** From now on the login may not subscribe to these. */
  deny(subjects: readonly string[]): void;
}

/** A real NATS server with one login, not started yet. */
export async function aNatsServer(
  user: string,
  password: string,
  { maxPayload = 1_048_576 } = {},
): Promise<TestNats> {
  const port = await freePort(0);
  const settings = join(testFolder('nats'), 'nats.conf');
  let running: ChildProcess | null = null;
  const deny = (subjects: readonly string[]) => {
    const permissions = `{ subscribe: { deny: ${JSON.stringify(subjects)} } }`;
    writeFileSync(
      settings,
      `listen: "127.0.0.1:${port}"\nmax_payload: ${maxPayload}
authorization { users: [{ user: "${user}", password: "${password}", permissions: ${permissions} }] }\n`,
    );
    running?.kill('SIGHUP');
  };
  deny([]);
  return {
    url: `nats://${user}:${password}@127.0.0.1:${port}`,
    kill: async () => {
      const killed = running;
      running = null;
      if (killed?.exitCode !== null || !killed.kill('SIGKILL')) return;
      await once(killed, 'exit');
    },
    start: async () => {
      running = await spawnNats(['-c', settings]);
    },
    deny,
  };
}

async function spawnNats(flags: readonly string[]): Promise<ChildProcess> {
  const child = spawn('nats-server', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`nats-server ${why}\n${output}`));
    };
    const timer = setTimeout(fail, START_DEADLINE_MS, 'was not ready in time');
    child.once('error', ({ message }) => {
      fail(`cannot be started: ${message}`);
    });
    child.once('exit', (code) => {
      fail(`ended with ${String(code)}`);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes('Server is ready')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return child;
}
