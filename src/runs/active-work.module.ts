import { Global, Module } from '@nestjs/common';
import { RunningWork } from '../access/running-work.js';
import { DataSourcesModule } from '../data-sources/data-sources.module.js';
import { ActiveRuns } from './active-runs.js';
import { ActiveWork } from './active-work.js';
import { RunsModule } from './runs.module.js';

/** Global for the sake of `RunningWork`, which folders before this one depend on. A worker alone needs nothing of it. */
@Global()
@Module({
  imports: [RunsModule, DataSourcesModule],
  providers: [ActiveRuns, { provide: RunningWork, useClass: ActiveWork }],
  exports: [RunningWork],
})
export class ActiveWorkModule {}
