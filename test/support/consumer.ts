import { execFile } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const DEADLINE_MS = 60_000;

export interface Consumed {
  readonly code: number;
  /** The answer that it wrote; null when there is none. */
  readonly answer: any;
  readonly errors: string;
}

/** Runs the documented example as a process of its own. */
export function consume(
  environment: Readonly<Record<string, string>>,
  ...words: readonly (string | number)[]
): Promise<Consumed> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(ROOT, 'examples/consumer.mjs'), ...words.map(String)],
      {
        env: { PATH: process.env['PATH'], ...environment },
        timeout: DEADLINE_MS,
        maxBuffer: 8_388_608,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        try {
          resolve({ code, answer: stdout === '' ? null : JSON.parse(stdout), errors: stderr });
        } catch {
          reject(new Error(`no JSON: ${stdout}`));
        }
      },
    );
  });
}
