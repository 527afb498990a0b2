import { once } from 'node:events';
import { StartupError } from './common/errors/startup-error.js';

interface Closable {
  close(): Promise<void>;
}

/**
 * Starts a process's work, and closes it in order on SIGINT or SIGTERM, once it has started. A failed start ends the process
 * with 1, and so does an error that nobody waits for: what is in memory is not to be trusted then, and others take up what the
 * process leaves.
 * @param start what it returns is closed; its signal aborts when the process was told to end
 */
export async function runUntilSignalled(
  start: (told: AbortSignal) => Promise<Closable>,
): Promise<void> {
  // Node's own report would show all that an error carries, a statement's parameters among it.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${described(error)}\n`);
    process.exit(1);
  });
  // Before anybody hears that it is ready; a second signal does not wait.
  const told = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, stop);
    told.abort();
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    const running = await start(told.signal);
    if (!told.signal.aborted) await once(told.signal, 'abort');
    await running.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${described(error)}\n`);
    process.exit(1);
  }
}

function described(error: unknown): string {
  if (error instanceof StartupError) return error.message;
  if ((error as { code?: string }).code === 'EADDRINUSE')
    return `${(error as Error).message}: set PORT to another one`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
