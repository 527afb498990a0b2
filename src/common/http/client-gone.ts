import type { FastifyReply } from 'fastify';

/** Aborts when the client goes before it has its whole answer. */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  if (raw.closed || raw.destroyed) gone.abort();
  return gone.signal;
}
