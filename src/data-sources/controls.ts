import { Injectable } from '@nestjs/common';
import { ConnectionFailed, type ConnectionTarget, type Control } from './connectors/connector.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import { ConnectionTargets } from './connection-targets.js';

/** Finds the control connection of a database and account; addresses are remembered, so that a stop asks nobody. */
@Injectable()
export class Controls {
  private readonly targets = new Map<string, ConnectionTarget>();

  constructor(
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

  private async resolve(databaseId: number, accountId: number): Promise<ConnectionTarget> {
    const target = await this.connectionTargets.find(databaseId, accountId);
    if (target === null)
      throw new ConnectionFailed(`account ${accountId} of database ${databaseId} is gone`, null);
    return target;
  }
}
