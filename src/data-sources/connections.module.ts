import { Module } from '@nestjs/common';
import { ConnectionTargets } from './connection-targets.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import { PostgresConnector } from './connectors/postgres.connector.js';
import { Controls } from './controls.js';

const connections = [ConnectionTargets, ConnectorRegistry, Controls, PostgresConnector];

/** The way into data sources, for whoever executes or stops something there; what people do with them is the other module. */
@Module({ providers: connections, exports: connections })
export class ConnectionsModule {}
