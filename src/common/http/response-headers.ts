import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';

const REVALIDATE = 'max-age=0, private, must-revalidate';

/** The headers every answer of the original carries, errors included (chorus-api.md 1.5). */
export function addResponseHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({
      'X-Frame-Options': 'SAMEORIGIN',
      'X-XSS-Protection': '1; mode=block',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': request.id,
    });
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    void reply.header('X-Runtime', (reply.elapsedTime / 1000).toFixed(6));
    if (reply.hasHeader('cache-control')) {
      done(null, payload);
      return;
    }
    const cacheable = reply.statusCode === 200 || reply.statusCode === 201;
    void reply.header('Cache-Control', cacheable ? REVALIDATE : 'no-cache');
    if (!cacheable || typeof payload !== 'string') {
      done(null, payload);
      return;
    }
    const etag = `W/"${createHash('md5').update(payload).digest('hex')}"`;
    void reply.header('ETag', etag);
    if (request.method === 'GET' && request.headers['if-none-match'] === etag) {
      void reply.code(304);
      done(null, '');
      return;
    }
    done(null, payload);
  });
}
