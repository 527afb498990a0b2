import Fastify from 'fastify';
import pg from 'pg';
import { PLANNED_ONCE } from '../database/orm-options.js';
import { endWithParent } from './end-with-parent.js';

/**
 * Child process of the bench: the least that a server could do for a stop that survives its own death. One request, one
 * row on disk, one cancel; no user, no right, no run, no proof.
 */
const metadata = await connect('FLOOR_METADATA_URL');
const data = await connect('FLOOR_DATA_URL');
await metadata.query(
  'CREATE TABLE IF NOT EXISTS public.bench_floor (pid int PRIMARY KEY, asked_at timestamptz)',
);

const WISH = {
  name: 'wish',
  text: `INSERT INTO public.bench_floor VALUES ($1, clock_timestamp())
    ON CONFLICT (pid) DO UPDATE SET asked_at = excluded.asked_at`,
};
const CANCEL = { name: 'cancel', text: 'SELECT pg_cancel_backend($1)' };

const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', (_request, payload, done) => {
  payload.resume();
  done(null);
});
app.post<{ Params: { pid: string } }>('/sessions/:pid/stop', async ({ params }, reply) => {
  const values = [Number(params.pid)];
  await metadata.query({ ...WISH, values });
  await data.query({ ...CANCEL, values });
  return reply.code(202).send({ response: {} });
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
endWithParent(async () => {
  await app.close();
  await metadata.query('DROP TABLE public.bench_floor');
  await Promise.all([metadata.end(), data.end()]);
});
process.send?.({ url });

async function connect(variable: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: process.env[variable],
    options: PLANNED_ONCE,
    application_name: 'bench-floor',
  });
  await client.connect();
  return client;
}
