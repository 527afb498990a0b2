import { FirstStop1795500000000 } from './migrations/1795500000000-FirstStop.js';
import { RunReports1795600000000 } from './migrations/1795600000000-RunReports.js';
import { ListedPeople1795630000000 } from './migrations/1795630000000-ListedPeople.js';
import { ListedWorkspaces1795630000001 } from './migrations/1795630000001-ListedWorkspaces.js';
import { WorkfileContents1795640000000 } from './migrations/1795640000000-WorkfileContents.js';
import { DataSources1795650000000 } from './migrations/1795650000000-DataSources.js';
import { StopEverywhere1795700000000 } from './migrations/1795700000000-StopEverywhere.js';
import { DataSourceLives1795800000000 } from './migrations/1795800000000-DataSourceLives.js';
import { RunExports1795810000000 } from './migrations/1795810000000-RunExports.js';
import { ListedKinds1795820000000 } from './migrations/1795820000000-ListedKinds.js';
import { RefusedOpenings1795830000000 } from './migrations/1795830000000-RefusedOpenings.js';
import { AccountsOfDeletedUsers1795835000000 } from './migrations/1795835000000-AccountsOfDeletedUsers.js';
import { IndexedReferences1795840000000 } from './migrations/1795840000000-IndexedReferences.js';
import { EnteredPasswords1795841000000 } from './migrations/1795841000000-EnteredPasswords.js';
import { RolesOfSessions1795843000000 } from './migrations/1795843000000-RolesOfSessions.js';

/** Every migration, oldest first. A glob would make TypeORM import() the files, which breaks under Jest. */
export const migrations = [
  FirstStop1795500000000,
  RunReports1795600000000,
  ListedPeople1795630000000,
  ListedWorkspaces1795630000001,
  WorkfileContents1795640000000,
  DataSources1795650000000,
  StopEverywhere1795700000000,
  DataSourceLives1795800000000,
  RunExports1795810000000,
  ListedKinds1795820000000,
  RefusedOpenings1795830000000,
  AccountsOfDeletedUsers1795835000000,
  IndexedReferences1795840000000,
  EnteredPasswords1795841000000,
  RolesOfSessions1795843000000,
];
