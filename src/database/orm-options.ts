import type { DataSourceOptions } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { entities } from './entities.js';
import { migrations } from './migrations.js';

// A server that is alive says itself that it took too long; one that is not says nothing.
const GRACE_MS = 1000;
// Ask whether the other side is still there after so long, not after the system's two hours.
const KEEP_ALIVE_MS = 10_000;
// By default a prepared statement is planned anew five times on each connection: a wide one for milliseconds, and one whose
// conditions can be switched off for ever. What depends on its values says so (`queryPlanned`).
// And none of them is long enough for compiling it to pay.
export const PLANNED_ONCE = '-c plan_cache_mode=force_generic_plan -c jit=off';

/**
 * TypeORM's connection to the metadata database, for the application and for its command line.
 * @param timeoutMs limits connecting and each statement; none for migrations, which take as long as they take
 */
export function ormOptions(
  { databaseUrl, databasePoolSize }: Pick<AppConfig, 'databaseUrl' | 'databasePoolSize'>,
  timeoutMs?: number,
): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl ?? '',
    applicationName: 'fermata',
    poolSize: databasePoolSize,
    entities,
    migrations,
    synchronize: false,
    // An idle connection that breaks is replaced by the pool; statements under way get their own errors.
    poolErrorHandler: () => undefined,
    extra: {
      options: PLANNED_ONCE,
      // Statements that do not depend on each other's answers are one round trip.
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      ...(timeoutMs !== undefined && {
        // A process that serves keeps its connections: who comes after a quiet time must not wait for a new one.
        min: databasePoolSize,
        connectionTimeoutMillis: timeoutMs,
        statement_timeout: timeoutMs,
        query_timeout: timeoutMs + GRACE_MS,
      }),
    },
  };
}
