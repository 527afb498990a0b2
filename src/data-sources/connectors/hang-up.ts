import type pg from 'pg';

const CLOSE_TIMEOUT_MS = 5000;

interface WithStream {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Ends a connection in order; a server that does not close its side in time is left. Never throws. */
export async function hangUp(client: pg.Client, timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
  const timer = setTimeout(() => {
    (client as unknown as WithStream).connection.stream.destroy();
  }, timeoutMs).unref();
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}
