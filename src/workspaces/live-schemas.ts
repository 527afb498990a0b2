import { Injectable } from '@nestjs/common';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { ident, type Sql, sql } from '../common/sql/sql.js';
import {
  ConnectionFailed,
  ConnectionLost,
  type RunSession,
  StatementFailed,
} from '../data-sources/connectors/connector.js';
import {
  ConnectorRegistry,
  UnsupportedDataSource,
} from '../data-sources/connectors/connector-registry.js';
import { ConnectionTargets } from '../data-sources/connection-targets.js';

/** How its sessions are named in the data source. */
const TAG = 'fermata-sandbox';
/** Whoever holds a lock that is in the way makes the request fail, not hang. */
const BOUNDS = sql`SELECT set_config('statement_timeout', '30s', false), set_config('lock_timeout', '5s', false)`;

/** A database and the account that opens it. */
export interface OpenableDatabase {
  readonly databaseId: number;
  readonly accountId: number;
}

/** Schemas and databases in the data sources themselves, each statement in a short session of its own. */
@Injectable()
export class LiveSchemas {
  constructor(
    private readonly connectors: ConnectorRegistry,
    private readonly targets: ConnectionTargets,
  ) {}

  /** @throws ValidationFailed `schema.GENERIC` with the data source's own words, also when it is there already */
  async create(place: OpenableDatabase, name: string): Promise<void> {
    await this.within(place, 'schema', (session) =>
      session.execute(sql`CREATE SCHEMA ${ident(name)}`),
    );
  }

  /** Takes back a creation; only an empty schema goes. @throws as `create` */
  async drop(place: OpenableDatabase, name: string): Promise<void> {
    await this.within(place, 'schema', (session) =>
      session.execute(sql`DROP SCHEMA ${ident(name)}`),
    );
  }

  /** @throws ValidationFailed `schema.GENERIC` when the database has none of this name */
  async assertThere(place: OpenableDatabase, name: string): Promise<void> {
    const { rows } = await this.within(place, 'schema', (session) =>
      session.execute(sql`SELECT nspname FROM pg_namespace WHERE nspname = ${name}`),
    );
    if (rows.length === 0) throw refused('schema', `schema "${name}" does not exist`);
  }

  /** @param place any database of the same server @throws ValidationFailed `database.GENERIC` */
  async createDatabase(place: OpenableDatabase, name: string): Promise<void> {
    await this.database(place, sql`CREATE DATABASE ${ident(name)}`);
  }

  /** Takes back a creation. @throws as `createDatabase` */
  async dropDatabase(place: OpenableDatabase, name: string): Promise<void> {
    await this.database(place, sql`DROP DATABASE ${ident(name)}`);
  }

  private async database(place: OpenableDatabase, statement: Sql): Promise<void> {
    await this.within(place, 'database', (session) => session.execute(statement));
  }

  private async within<T>(
    { databaseId, accountId }: OpenableDatabase,
    what: 'schema' | 'database',
    work: (session: RunSession) => Promise<T>,
  ): Promise<T> {
    const target = await this.targets.find(databaseId, accountId);
    if (target === null) throw refused(what, 'the account is gone');
    try {
      const session = await this.connectors.for(target).open(target, TAG);
      try {
        await session.execute(BOUNDS);
        return await work(session);
      } finally {
        await session.close();
      }
    } catch (error) {
      if (isOfTheDataSource(error)) throw refused(what, error.message, error);
      throw error;
    }
  }
}

function isOfTheDataSource(error: unknown): error is Error {
  return [StatementFailed, ConnectionFailed, ConnectionLost, UnsupportedDataSource].some(
    (type) => error instanceof type,
  );
}

/** The documented form for whatever the database has against it (chorus-api.md 8.7). */
export function refused(what: 'schema' | 'database', message: string, cause?: Error): Error {
  const error = new ValidationFailed({ [what]: { GENERIC: { message } } });
  return cause === undefined ? error : Object.assign(error, { cause });
}
