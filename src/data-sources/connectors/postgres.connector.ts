import { Inject, Injectable } from '@nestjs/common';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import {
  ConnectionFailed,
  type ConnectionTarget,
  type Connector,
  type Control,
  type Lookout,
  type OwnHandle,
  type RunSession,
} from './connector.js';
import { KIND_FACTS } from '../data-source-kinds.js';
import type { Catalogue } from './catalogue.js';
import { hangUp } from './hang-up.js';
import { MessageGuard } from './message-guard.js';
import { CATALOGUE_LIMITS } from './message-limits.js';
import { PostgresCatalogue } from './postgres-catalogue.js';
import { PostgresControl } from './postgres-control.js';
import { named } from './postgres-error.js';
import { bind, introduce, SharedSession } from './postgres-introduction.js';
import { PostgresRunSession, type Server } from './postgres-run-session.js';
import { PostgresSqlSession } from './postgres-sql-session.js';
import { SAFE_TYPES } from './postgres-types.js';
import type { SqlSession, SqlSessionOptions } from './sql-session.js';

/** What pg's types do not tell of a client. */
interface WithConnection {
  readonly connection: EventEmitter & { readonly stream: Socket };
}

interface Opened {
  readonly client: pg.Client;
  readonly guard: MessageGuard;
}

const KEEP_ALIVE_MS = 10_000;
const SEVERAL_SERVERS =
  'its address leads to several servers, so that what runs there could not be found again to be stopped';
/** For what does nothing that would have to be stopped. */
const UNSEEN: Lookout = () => Promise.resolve(true);
const SEARCH_PATH = `SELECT set_config('search_path', $1, false)`;
// Whoever waits for a lock here keeps all others waiting; servers before 9.3 do not know the setting.
const SERVER_VERSION = `SELECT version, CASE WHEN version >= 90300 THEN set_config('lock_timeout', '1s', false) END
  FROM (SELECT current_setting('server_version_num')::int AS version) AS server`;

/** PostgreSQL and what speaks its protocol and dialect: Greenplum, Citus. */
@Injectable()
export class PostgresConnector implements Connector {
  readonly kinds = ['pg_data_source', 'gpdb_data_source'] as const;
  private readonly controls = new Map<string, Promise<PostgresControl>>();

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  async open(target: ConnectionTarget, tag: string, isSeen: Lookout = UNSEEN): Promise<RunSession> {
    const { client, handle, server, guard } = await this.openTagged(
      target,
      tag,
      this.config.statementTimeoutMs,
      isSeen,
    );
    return new PostgresRunSession(client, handle, server, guard);
  }

  async openSql(target: ConnectionTarget, options: SqlSessionOptions): Promise<SqlSession> {
    const { tag, statementTimeoutMs, schema, limits, isSeen } = options;
    const { client, handle, server, guard } = await this.openTagged(
      target,
      tag,
      statementTimeoutMs,
      isSeen,
    );
    try {
      if (schema !== null) {
        const path = `${pg.escapeIdentifier(schema)}, public`;
        const bound = { query_timeout: this.config.connectTimeoutMs };
        await client.query({ text: SEARCH_PATH, values: [path], ...bound });
      }
      guard.renew(limits);
      return new PostgresSqlSession(client, handle, guard, server.endsIdle);
    } catch (error) {
      await hangUp(client);
      throw failed(target, error);
    }
  }

  async look<T>(target: ConnectionTarget, use: (catalogue: Catalogue) => Promise<T>): Promise<T> {
    const timeoutMs = this.config.catalogueTimeoutMs;
    const { client, guard } = await this.connect(target, 'fermata-catalogue', {
      statement_timeout: timeoutMs,
      // Where the network goes dark, the server's own timeout does not reach us.
      query_timeout: timeoutMs + this.config.connectTimeoutMs,
    });
    try {
      guard.renew(CATALOGUE_LIMITS);
      const { rows } = await client
        .query<{ version: number }>(SERVER_VERSION)
        .catch((error: unknown) => {
          throw named(error);
        });
      const catalogue = new PostgresCatalogue(client, {
        version: rows[0]?.version ?? 0,
        hiddenSchemas: KIND_FACTS[target.kind].hiddenSchemas,
      });
      return await use(catalogue);
    } finally {
      await hangUp(client);
    }
  }

  async control(target: ConnectionTarget): Promise<Control> {
    const key = keyOf(target);
    return this.controls.get(key) ?? this.openControl(key, target);
  }

  async release(target: ConnectionTarget): Promise<void> {
    const control = this.controls.get(keyOf(target));
    this.controls.delete(keyOf(target));
    await control?.then((one) => one.close()).catch(() => undefined);
  }

  async close(): Promise<void> {
    const controls = await Promise.allSettled(this.controls.values());
    await Promise.allSettled(
      controls.flatMap((control) =>
        control.status === 'fulfilled' ? [control.value.close()] : [],
      ),
    );
  }

  private async openTagged(
    target: ConnectionTarget,
    tag: string,
    statementTimeoutMs: number,
    isSeen: Lookout,
  ): Promise<Opened & { handle: OwnHandle; server: Server }> {
    const begun = performance.now();
    const { client, guard } = await this.connect(target, tag);
    try {
      const asFailed = (error: unknown): never => {
        throw failed(target, error, !(error instanceof SharedSession));
      };
      const { connectTimeoutMs, tempFileLimit } = this.config;
      const { identity, server } = await introduce(client, begun, connectTimeoutMs).catch(asFailed);
      const bounds = { statementTimeoutMs, tempFileLimit };
      const binding = bind(client, server, bounds, connectTimeoutMs);
      const looking = isSeen(identity);
      // A session that is busy is dropped without waiting for its end.
      await Promise.allSettled([binding, looking]);
      await binding.catch(asFailed);
      if (!(await looking.catch(stillOpened))) asFailed(new Error(SEVERAL_SERVERS));
      return { client, guard, handle: { ...identity, tag }, server };
    } catch (error) {
      await hangUp(client);
      throw error;
    }
  }

  private openControl(key: string, target: ConnectionTarget): Promise<PostgresControl> {
    const forget = () => {
      if (this.controls.get(key) === opening) this.controls.delete(key);
    };
    const opening = this.connect(target, 'fermata-control', {
      query_timeout: this.config.connectTimeoutMs,
    }).then(({ client, guard }) => {
      client.once('end', forget);
      guard.renew(CATALOGUE_LIMITS);
      return new PostgresControl(client, guard);
    });
    this.controls.set(key, opening);
    opening.catch(forget);
    return opening;
  }

  private async connect(
    target: ConnectionTarget,
    applicationName: string,
    options: pg.ClientConfig = {},
  ): Promise<Opened> {
    const client = new pg.Client({
      host: target.host,
      port: target.port,
      database: target.database,
      user: target.username,
      password: target.password,
      ssl: target.ssl,
      application_name: applicationName,
      connectionTimeoutMillis: this.config.connectTimeoutMs,
      keepAlive: true,
      // Where the network goes dark nothing else tells a session that waits for an answer.
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      types: SAFE_TYPES,
      ...options,
    });
    // A terminated session must not end the process; what was under way gets its own error.
    client.on('error', () => undefined);
    const guard = new MessageGuard();
    const { connection } = client as unknown as WithConnection;
    // The library listens by then, and nothing has come.
    connection.once(target.ssl ? 'sslconnect' : 'connect', () => {
      guard.attach(connection.stream);
    });
    const wasAsked = watchStartup(client, target);
    try {
      await client.connect();
      return { client, guard };
    } catch (error) {
      await hangUp(client);
      // An error of the server's at this point ends the connection. Without one it may have gone on with what it was asked for.
      throw failed(target, error, wasAsked() && !(error instanceof pg.DatabaseError));
    }
  }
}

function keyOf({ databaseId, accountId }: ConnectionTarget): string {
  return `${databaseId}:${accountId}`;
}

/** @returns whether the server has been asked for a session by now; before that, there was only a network to fail */
function watchStartup(client: pg.Client, { ssl }: ConnectionTarget): () => boolean {
  const { connection } = client as unknown as WithConnection;
  let asked = false;
  const ask = () => (asked = true);
  if (!ssl) connection.once('connect', ask);
  // A handshake that fails, for the certificate's sake or another, leaves nobody who could use a session.
  else connection.once('sslconnect', () => connection.stream.once('secureConnect', ask));
  return () => asked;
}

/** Whatever came of the look for it: there was a session. */
function stillOpened(error: unknown): never {
  if (!(error instanceof ConnectionFailed)) throw error;
  throw new ConnectionFailed(error.message, error.sqlstate, { cause: error, doubtful: true });
}

/** @param doubtful once the server was asked for a session */
function failed(target: ConnectionTarget, error: unknown, doubtful = true): ConnectionFailed {
  const { message, code } = error as Error & { code?: string };
  // An attempt at several addresses fails without a message of its own.
  const reason = message === '' ? (code ?? 'no answer') : message;
  return new ConnectionFailed(
    `cannot connect to data source "${target.dataSourceName}", database "${target.database}": ${reason}`,
    code ?? null,
    { cause: error, doubtful },
  );
}
