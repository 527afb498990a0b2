import { StartupError } from './common/errors/startup-error.js';

interface Closable {
  close(): Promise<void>;
}

/**
 * Starts a process's work, and closes it in order on SIGINT or SIGTERM. A failed start ends the process with 1, and so does
 * an error that nobody waits for: what is in memory is not to be trusted then, and others take up what the process leaves.
 */
export async function runUntilSignalled(start: () => Promise<Closable>): Promise<void> {
  // Node's own report would show all that an error carries, a statement's parameters among it.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${described(error)}\n`);
    process.exit(1);
  });
  let running: Closable;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${described(error)}\n`);
    process.exit(1);
  }
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, stop);
    void running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${described(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, stop);
}

function described(error: unknown): string {
  if (error instanceof StartupError) return error.message;
  if ((error as { code?: string }).code === 'EADDRINUSE')
    return `${(error as Error).message}: set PORT to another one`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
