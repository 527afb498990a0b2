import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of shell in a document, and the block behind it that shows what it prints. */
export interface Example {
  readonly line: number;
  readonly script: string;
  /** With `…` for anything; null: none is shown. */
  readonly output: string | null;
}

export interface Played {
  readonly output: string;
  /** Of the requests, in their order. */
  readonly statuses: readonly number[];
}

/** The examples of a document that send requests. */
export function examplesOf(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/^```(\w+)\n([^]*?)^```\n/gm)];
  return blocks.flatMap(({ 0: whole, 1: language, 2: script = '', index }, i) => {
    if (language !== 'sh' || !script.includes('curl ')) return [];
    const next = blocks[i + 1];
    const follows =
      next !== undefined &&
      next[1] !== 'sh' &&
      markdown.slice(index + whole.length, next.index).trim() === '';
    const line = markdown.slice(0, index).split('\n').length;
    return [{ line, script, output: follows ? (next[2] ?? '') : null }];
  });
}

/**
 * Pastes the examples of one document into one shell, one after the other, as a reader would.
 * @param url of the server that stands for `localhost:8080`
 * @param folder empty; also the home of the shell
 */
export async function play(
  examples: readonly Example[],
  url: string,
  folder: string,
): Promise<Played[]> {
  // Every request tells its status beside what it prints.
  writeFileSync(join(folder, '.curlrc'), 'write-out = "%{stderr}%{http_code}\\n"\n');
  const mark = '--- end of an example ---';
  const script = examples
    .map((one) => `${one.script}\necho; echo '${mark}'; echo '${mark}' >&2\n`)
    .join('')
    .replaceAll('localhost:8080', new URL(url).host);
  const { output, errors } = await bash(script, folder);
  const outputs = output.split(`\n${mark}\n`);
  const statuses = errors.split(`${mark}\n`);
  return examples.map((_, i) => ({
    output: outputs[i] ?? '',
    statuses: (statuses[i]?.match(/^\d{3}$/gm) ?? []).map(Number),
  }));
}

function bash(script: string, folder: string): Promise<{ output: string; errors: string }> {
  const shell = spawn('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  shell.stdout.on('data', (chunk) => (output += String(chunk)));
  shell.stderr.on('data', (chunk) => (errors += String(chunk)));
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (code) => {
      if (code === 0) resolve({ output, errors });
      else reject(new Error(`the shell ended with ${code}:\n${output}\n${errors}`));
    });
  });
}

/** Whether it is what is shown. Where lines end is not looked at: bodies end without one. */
export function matches(output: string, shown: string): boolean {
  const lines = (text: string) => text.replace(/\s*\n\s*/g, '').trim();
  const pattern = lines(shown)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  return new RegExp(`^${pattern}$`).test(lines(output));
}
