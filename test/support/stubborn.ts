import { flowXml, storeFlow, tableSource, variable } from './flows.js';
import type { Observer } from './observer.js';
import { GOLF_FLOW } from './runs.js';
import { query, type TestServer } from './test-server.js';
import { until } from './wait.js';

/** SQL of a flow that traps the cancel: only a termination ends it. */
export const STUBBORN = /stubborn/;

/** Makes the golf workflow one that cannot be cancelled; it would store `trapped`. */
export async function storeStubbornFlow(server: TestServer): Promise<void> {
  await query(
    server.dataUrl,
    `CREATE OR REPLACE FUNCTION public.stubborn(bigint) RETURNS int LANGUAGE plpgsql AS $$
     BEGIN
       LOOP BEGIN
         LOOP BEGIN
           LOOP BEGIN
             PERFORM pg_advisory_lock(4711);
             PERFORM sum(ln(i)) FROM generate_series(1::numeric, 1000000) AS i;
           EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;
         -- A second cancel may come while the first is being handled.
         EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;
       EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;
     END $$`,
  );
  await storeFlow(
    server,
    GOLF_FLOW,
    flowXml({
      operators: [
        tableSource('golfnew'),
        variable('trapped', 'play', { never: ['INTEGER', 'public.stubborn("humidity")'] }),
      ],
      links: [['golfnew', 'trapped']],
    }),
  );
}

/** Before it has entered the block that traps it, a cancel would end the statement. */
export function insideTrap(observer: Observer): Promise<unknown> {
  return until('the function holds its lock', async () => {
    const locks = await observer.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND granted`,
    );
    return locks.length > 0;
  });
}
