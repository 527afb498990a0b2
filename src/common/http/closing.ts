import type { FastifyInstance } from 'fastify';
import { setMaxListeners } from 'node:events';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborts when the server takes no more requests: an answer that has no end of its own ends then. */
    closing: AbortSignal;
  }
}

const LOOK_MS = 100;

/**
 * Bounds the time that a server takes to close: nothing else of its process ends before. Answers under way are waited for, but
 * not for their clients' further requests, nor for a client that does not read.
 * @param patienceMs then what is left of the connections is cut
 */
export function endAnswers(fastify: FastifyInstance, patienceMs: number): void {
  const closing = new AbortController();
  // One for each answer without an end.
  setMaxListeners(0, closing.signal);
  fastify.decorate('closing', closing.signal);
  fastify.addHook('preClose', (done) => {
    const { server } = fastify;
    closing.abort();
    // Node closes those that are idle now; one that becomes so later would be kept alive.
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, LOOK_MS).unref();
    const late = setTimeout(() => {
      server.closeAllConnections();
    }, patienceMs).unref();
    server.once('close', () => {
      clearInterval(idle);
      clearTimeout(late);
    });
    done();
  });
}
