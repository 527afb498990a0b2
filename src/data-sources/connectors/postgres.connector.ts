import { Inject, Injectable } from '@nestjs/common';
import pg from 'pg';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import {
  ConnectionFailed,
  type ConnectionTarget,
  type Connector,
  type Control,
  type RunSession,
  type SessionIdentity,
} from './connector.js';
import { OWN_HANDLE, PostgresControl } from './postgres-control.js';
import { PostgresRunSession, type Server } from './postgres-run-session.js';

/**
 * Sets what the server knows and lets this role set: `client_connection_check_interval` exists from PostgreSQL 14 on,
 * `temp_file_limit` belongs to superusers.
 */
const BOUND_SESSION = `SELECT set_config(name, wish.value, false)
  FROM (VALUES ('client_connection_check_interval', '1s'), ('statement_timeout', $1), ('temp_file_limit', $2))
    AS wish (name, value)
  JOIN pg_settings USING (name)
  WHERE context = 'user' OR (context = 'superuser' AND current_setting('is_superuser') = 'on')`;

/** PostgreSQL and what speaks its protocol and dialect: Greenplum, Citus. */
@Injectable()
export class PostgresConnector implements Connector {
  readonly kinds = ['pg_data_source', 'gpdb_data_source'];
  private readonly controls = new Map<string, Promise<PostgresControl>>();

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  async open(target: ConnectionTarget, tag: string): Promise<RunSession> {
    const client = await this.connect(target, tag);
    try {
      await client.query(BOUND_SESSION, [
        String(this.config.statementTimeoutMs),
        this.config.tempFileLimit,
      ]);
      const { rows } = await client.query<SessionIdentity & Server>(OWN_HANDLE);
      const [own] = rows;
      if (own === undefined) throw new Error('the data source does not show our own session');
      const { pid, backendStart, ...server } = own;
      return new PostgresRunSession(client, { pid, backendStart, tag }, server);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw failed(target, error);
    }
  }

  async control(target: ConnectionTarget): Promise<Control> {
    const key = `${target.databaseId}:${target.accountId}`;
    return this.controls.get(key) ?? this.openControl(key, target);
  }

  async close(): Promise<void> {
    const controls = await Promise.allSettled(this.controls.values());
    await Promise.allSettled(
      controls.flatMap((control) =>
        control.status === 'fulfilled' ? [control.value.close()] : [],
      ),
    );
  }

  private openControl(key: string, target: ConnectionTarget): Promise<PostgresControl> {
    const forget = () => {
      if (this.controls.get(key) === opening) this.controls.delete(key);
    };
    const opening = this.connect(target, 'fermata-control', {
      query_timeout: this.config.connectTimeoutMs,
    }).then((client) => {
      client.once('end', forget);
      return new PostgresControl(client);
    });
    this.controls.set(key, opening);
    opening.catch(forget);
    return opening;
  }

  private async connect(
    target: ConnectionTarget,
    applicationName: string,
    options: pg.ClientConfig = {},
  ): Promise<pg.Client> {
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
      ...options,
    });
    // A terminated session must not end the process; what was under way gets its own error.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw failed(target, error);
    }
  }
}

function failed(target: ConnectionTarget, error: unknown): ConnectionFailed {
  const { message, code } = error as Error & { code?: string };
  return new ConnectionFailed(
    `cannot connect to data source "${target.dataSourceName}", database "${target.database}": ${message}`,
    code ?? null,
    { cause: error },
  );
}
