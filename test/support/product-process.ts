import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const START_DEADLINE_MS = 90_000;
const KEPT_CHARACTERS = 1_000_000;

export interface ProductProcess {
  readonly pid: number;
  /** First group of the pattern that said it is ready. */
  readonly ready: string;
  /** What it wrote, both streams; of much only the latest. */
  output(): string;
  /** Exit code, or the signal's name, once it has ended, for whatever reason. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** @returns exit code, or the signal's name */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

interface Start {
  /** Below `dist/bundle/`. */
  readonly script: string;
  readonly ready: RegExp;
  readonly environment: Readonly<Record<string, string>>;
  readonly uid?: number;
  /** Keeps all it writes, at the end of what is there. */
  readonly logFile?: string;
}

/** A real process of the built product. @throws Error with its output when it ends before it is ready */
export async function startProduct({
  script,
  ready,
  environment,
  uid,
  logFile,
}: Start): Promise<ProductProcess> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bundle', script)], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let output = '';
  let isReady = false;
  const log = logFile === undefined ? null : createWriteStream(logFile, { flags: 'a' });
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => {
      log?.end();
      resolve(code ?? signal);
    });
  });
  const found = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${script} was not ready in time:\n${output}`));
    }, START_DEADLINE_MS);
    const look = (chunk: Buffer) => {
      if (log?.writable) log.write(chunk);
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
      const match = isReady ? null : ready.exec(output);
      if (match === null) return;
      isReady = true;
      clearTimeout(timer);
      resolve(match[1] ?? '');
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    void exited.then((how) => {
      clearTimeout(timer);
      reject(new Error(`${script} ended with ${String(how)}:\n${output}`));
    });
  });
  return {
    pid: pidOf(child),
    ready: found,
    output: () => output,
    exited,
    kill: async (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

export const SERVING = { script: 'main.js', ready: /Fermata serves (http:\/\/\S+)\/api/ };
export const WORKING = { script: 'worker.js', ready: /"message":"(worker ready)"/ };

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start');
  return child.pid;
}
