import Fastify from 'fastify';
import pg from 'pg';
import { PLANNED_ONCE } from '../database/orm-options.js';
import { endWithParent } from './end-with-parent.js';

/** Child process of the bench: the least a server could do for the same answer: the same SQL, the same bytes. */
interface BareRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly status: number;
  readonly body: string;
  readonly statements: readonly { name?: string; text: string; values: unknown[] }[];
}

const routes = JSON.parse(process.env['BARE_ROUTES'] ?? '[]') as readonly BareRoute[];
const pool = new pg.Pool({
  connectionString: process.env['BARE_DATABASE_URL'],
  options: PLANNED_ONCE,
  max: 10,
});
const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) => {
  payload.resume();
  done(null);
});
for (const { method, path, status, body, statements } of routes)
  app.route({
    method,
    url: path,
    handler: async (_request, reply) => {
      for (const statement of statements) await pool.query(statement);
      return reply.code(status).type('application/json; charset=utf-8').send(body);
    },
  });
const url = await app.listen({ port: 0, host: '127.0.0.1' });
endWithParent(() => app.close());
process.send?.({ url });
