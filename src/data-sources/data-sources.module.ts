import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TagsModule } from '../tags/tags.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './accounts/account.controller.js';
import { AccountRemoval } from './accounts/account-removal.js';
import { AccountSerializer } from './accounts/account.serializer.js';
import { AccountStore } from './accounts/account-store.js';
import { AccountVault } from './accounts/account-vault.js';
import { AccountsService } from './accounts/accounts.service.js';
import { MembersController } from './accounts/members.controller.js';
import { MembersService } from './accounts/members.service.js';
import { AssociatedDataset } from './associated-dataset.entity.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { CatalogueLists } from './catalogue/catalogue-lists.service.js';
import { CatalogueLooks } from './catalogue/catalogue-looks.js';
import { CatalogueRound } from './catalogue/catalogue-round.js';
import { CatalogueSight } from './catalogue/catalogue-sight.entity.js';
import { CatalogueStore } from './catalogue/catalogue-store.js';
import { WorkspaceDetails } from './catalogue/workspace-details.js';
import { ConnectionsModule } from './connections.module.js';
import { DataSourceAccount } from './data-source-account.entity.js';
import { DataSource } from './data-source.entity.js';
import { DataSourceSerializer } from './data-source.serializer.js';
import { DataSourcesController } from './data-sources.controller.js';
import { DataSourcesService } from './data-sources.service.js';
import { Database } from './database.entity.js';
import { Dataset } from './dataset.entity.js';
import { HdfsDataSourcesController } from './hdfs-data-sources.controller.js';
import { Schema } from './schema.entity.js';
import { SourceChanges } from './source-changes.service.js';
import { SourceChecks } from './source-checks.js';
import { SourceCreation } from './source-creation.service.js';
import { SourceHandoverController } from './source-handover.controller.js';
import { SourceHandover } from './source-handover.service.js';
import { SourceMoves } from './source-moves.js';
import { SourceNames } from './source-names.js';
import { SourceRemoval } from './source-removal.service.js';
import { SourceStops } from './source-stops.js';
import { SourceTest } from './source-test.js';
import { SqlExecution } from './sql-executions/sql-execution.entity.js';
import { SqlExecutor } from './sql-executions/sql-executor.js';
import { SqlKiller } from './sql-executions/sql-killer.js';
import { SqlLedger } from './sql-executions/sql-ledger.js';
import { SqlProblems } from './sql-executions/sql-problems.js';
import { SqlResults } from './sql-executions/sql-results.js';
import { SqlStops } from './sql-executions/sql-stops.js';
import { SqlSweep } from './sql-executions/sql-sweep.js';

const sources = [
  DataSourceSerializer,
  DataSourcesService,
  SourceChanges,
  SourceChecks,
  SourceCreation,
  SourceHandover,
  SourceMoves,
  SourceNames,
  SourceRemoval,
  SourceStops,
  SourceTest,
];
const accounts = [
  AccountRemoval,
  AccountSerializer,
  AccountStore,
  AccountVault,
  AccountsService,
  MembersService,
];
const catalogue = [
  CatalogueKeeper,
  CatalogueLists,
  CatalogueLooks,
  CatalogueRound,
  CatalogueStore,
  WorkspaceDetails,
];
const sql = [SqlExecutor, SqlKiller, SqlLedger, SqlProblems, SqlResults, SqlStops, SqlSweep];

@Module({
  imports: [
    TypeOrmModule.forFeature([
      DataSource,
      DataSourceAccount,
      Database,
      Schema,
      Dataset,
      AssociatedDataset,
      CatalogueSight,
      SqlExecution,
    ]),
    ConnectionsModule,
    TagsModule,
    UsersModule,
  ],
  controllers: [
    DataSourcesController,
    SourceHandoverController,
    AccountController,
    MembersController,
    CatalogueController,
    HdfsDataSourcesController,
  ],
  providers: [...sources, ...accounts, ...catalogue, ...sql],
  exports: [
    TypeOrmModule,
    ConnectionsModule,
    DataSourceSerializer,
    DataSourcesService,
    CatalogueLists,
    CatalogueLooks,
    SqlResults,
    SqlStops,
  ],
})
export class DataSourcesModule {}
