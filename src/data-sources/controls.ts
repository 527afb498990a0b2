import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import {
  ConnectionFailed,
  type ConnectionTarget,
  type Control,
  type SessionIdentity,
} from './connectors/connector.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import { ConnectionTargets } from './connection-targets.js';

/** A connection that failed has let go by then: the next look opens another. */
const LOOK_AGAIN_MS = 50;

const FORGOTTEN = {
  name: 'accounts-forgotten',
  text: `SELECT id FROM data_source_accounts WHERE id = ANY ($1::int[]) AND db_password_encrypted IS NULL`,
};

/** Finds the control connection of a database and account; addresses are remembered, so that a stop asks nobody. */
@Injectable()
export class Controls {
  private readonly targets = new Map<string, ConnectionTarget>();

  constructor(
    private readonly orm: OrmDataSource,
    private readonly connectors: ConnectorRegistry,
    private readonly connectionTargets: ConnectionTargets,
  ) {}

  /** @throws ConnectionFailed when the data source cannot be reached or the account no longer opens it */
  async of(databaseId: number, accountId: number): Promise<Control> {
    const key = `${databaseId}:${accountId}`;
    const target = this.targets.get(key) ?? (await this.resolve(databaseId, accountId));
    try {
      const control = await this.connectors.for(target).control(target);
      this.targets.set(key, target);
      return control;
    } catch (error) {
      // The address may have changed: look it up again next time.
      this.targets.delete(key);
      throw error;
    }
  }

  /**
   * Whether a session that was just opened is there for the control connection, too: an address may lead to several servers,
   * by its name or by what stands before them, and then nothing is found of what runs at another one.
   * @throws as `of`, and when it cannot be looked for
   */
  async shows(databaseId: number, accountId: number, session: SessionIdentity): Promise<boolean> {
    const look = async () => (await this.of(databaseId, accountId)).find([], [session]);
    // The network may have dropped an idle connection without a word, which is no reason to refuse a session.
    const found = await look().catch(() => sleep(LOOK_AGAIN_MS).then(look));
    return found.length > 0;
  }

  /** Lets go of the connections of accounts whose password was wiped: nothing can be under way with them. */
  async releaseForgotten(): Promise<void> {
    const accountIds = [...new Set([...this.targets.values()].map(({ accountId }) => accountId))];
    if (accountIds.length === 0) return;
    const rows = await queryPrepared<{ id: number }>(this.orm, FORGOTTEN, [accountIds]);
    const forgotten = new Set(rows.map(({ id }) => id));
    for (const [key, target] of this.targets) {
      if (!forgotten.has(target.accountId)) continue;
      this.targets.delete(key);
      await this.connectors.for(target).release(target);
    }
  }

  private async resolve(databaseId: number, accountId: number): Promise<ConnectionTarget> {
    const target = await this.connectionTargets.findForControl(databaseId, accountId);
    if (target === null)
      throw new ConnectionFailed(`account ${accountId} of database ${databaseId} is gone`, null);
    return target;
  }
}
