import 'reflect-metadata';
import pg from 'pg';
import { loadConfig } from '../config/load-config.js';
import { startServer } from '../start-server.js';
import { endWithParent } from './end-with-parent.js';

/** Child process of the bench: the product, and on request the SQL that its requests send. */
interface Recorded {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const recorded: Recorded[] = [];
let recording = false;

// Recording the driver's calls makes the bare route send the very same SQL, whatever the product comes to send.
type Query = (this: pg.Client, ...args: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const { query } = prototype;
prototype.query = function (this: pg.Client, ...args: unknown[]) {
  const [first, second] = args;
  if (recording && typeof first === 'object' && first !== null && 'text' in first) {
    const { name, text, values } = first as Omit<Recorded, 'values'> & Partial<Recorded>;
    recorded.push({ ...(name !== undefined && { name }), text, values: values ?? [] });
  } else if (recording && typeof first === 'string') {
    recorded.push({ text: first, values: Array.isArray(second) ? second : [] });
  }
  return query.apply(this, args);
};

const server = await startServer(loadConfig(process.env));
process.on('message', (wish) => {
  if (wish === 'record') {
    recorded.length = 0;
    recording = true;
  } else {
    recording = false;
    process.send?.({ recorded });
  }
});
endWithParent(() => server.close());
process.send?.({ url: server.url, databaseUrl: server.config.databaseUrl });
