import { Module } from '@nestjs/common';
import { RejectedAccounts } from './accounts/rejected-accounts.js';
import { ConnectionTargets } from './connection-targets.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import { PostgresConnector } from './connectors/postgres.connector.js';
import { Controls } from './controls.js';

const connections = [
  ConnectionTargets,
  ConnectorRegistry,
  Controls,
  PostgresConnector,
  RejectedAccounts,
];

/** The way into data sources, for whoever executes or stops something there; what people do with them is the other module. */
@Module({ providers: connections, exports: connections })
export class ConnectionsModule {}
