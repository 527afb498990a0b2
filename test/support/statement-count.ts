import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import pg from 'pg';

interface Count {
  readonly statements: string[];
}

// Only what an HTTP request itself sends: background work of the process has no request around it.
const requests = new AsyncLocalStorage<Count>();
let counting: Count | null = null;

type Query = (this: pg.Client, ...parameters: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const { query } = prototype;
prototype.query = function (this: pg.Client, ...parameters: unknown[]) {
  const [first] = parameters;
  const text = typeof first === 'string' ? first : (first as { text?: string }).text;
  // Kill statements go to the data source, not to the metadata.
  if (this.database === 'fermata') requests.getStore()?.statements.push(text ?? '');
  return query.apply(this, parameters);
};

// Published by Node for every request that reaches an HTTP server of this process.
diagnostics.subscribe('http.server.request.start', () => {
  if (counting !== null) requests.enterWith(counting);
});

/** Counts what one request sends to the metadata database. One at a time. */
export async function countStatements<T>(
  request: () => Promise<T>,
): Promise<{ readonly statements: readonly string[]; readonly result: T }> {
  const count: Count = { statements: [] };
  counting = count;
  try {
    const result = await request();
    return { statements: [...count.statements], result };
  } finally {
    counting = null;
  }
}
