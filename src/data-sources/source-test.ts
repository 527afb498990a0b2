import { Injectable } from '@nestjs/common';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { connectionErrorType, dataSourceProblem, InvalidPassword } from './connection-problem.js';
import type { ServerVersion } from './connectors/catalogue.js';
import { ConnectionFailed, type ConnectionTarget } from './connectors/connector.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import type { DataSource } from './data-source.entity.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type SourceAddress = Pick<
  DataSource,
  'kind' | 'name' | 'host' | 'port' | 'dbName' | 'ssl' | 'isHawq'
>;

/** Tries credentials on a live data source before they are saved (chorus-api.md 10.1, 10.2). */
@Injectable()
export class SourceTest {
  constructor(private readonly connectors: ConnectorRegistry) {}

  /**
   * @returns what the server says it is
   * @throws InvalidPassword; ValidationFailed `base.INVALID_HAWQ_DATA_SOURCE` when it should be one;
   *   DataSourceProblem when the server did not let us in for another reason
   */
  async try(address: SourceAddress, { username, password }: Credentials): Promise<ServerVersion> {
    const { kind, name, host, port, dbName, ssl } = address;
    const target = {
      dataSourceId: 0,
      dataSourceName: name,
      kind,
      host,
      port: port ?? 0,
      ssl,
      databaseId: 0,
      database: dbName ?? '',
      accountId: 0,
      username,
      password,
    };
    const version = await this.versionOf(target);
    if (address.isHawq === true && !version.isHawq)
      throw new ValidationFailed({ base: { INVALID_HAWQ_DATA_SOURCE: {} } });
    return version;
  }

  private async versionOf(target: ConnectionTarget): Promise<ServerVersion> {
    try {
      return await this.connectors.for(target).look(target, (catalogue) => catalogue.version());
    } catch (error) {
      if (error instanceof ConnectionFailed && connectionErrorType(error) === 'INVALID_PASSWORD')
        throw new InvalidPassword();
      throw dataSourceProblem(error);
    }
  }
}
