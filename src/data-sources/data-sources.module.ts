import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AssociatedDataset } from './associated-dataset.entity.js';
import { ConnectionTargets } from './connection-targets.js';
import { ConnectorRegistry } from './connectors/connector-registry.js';
import { PostgresConnector } from './connectors/postgres.connector.js';
import { Controls } from './controls.js';
import { DataSourceAccount } from './data-source-account.entity.js';
import { DataSource } from './data-source.entity.js';
import { DataSourceSerializer } from './data-source.serializer.js';
import { DataSourcesService } from './data-sources.service.js';
import { Database } from './database.entity.js';
import { Dataset } from './dataset.entity.js';
import { Schema } from './schema.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      DataSource,
      DataSourceAccount,
      Database,
      Schema,
      Dataset,
      AssociatedDataset,
    ]),
  ],
  providers: [
    ConnectionTargets,
    ConnectorRegistry,
    Controls,
    DataSourceSerializer,
    DataSourcesService,
    PostgresConnector,
  ],
  exports: [
    TypeOrmModule,
    ConnectionTargets,
    ConnectorRegistry,
    Controls,
    DataSourceSerializer,
    DataSourcesService,
  ],
})
export class DataSourcesModule {}
