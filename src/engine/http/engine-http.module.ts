import { Module } from '@nestjs/common';
import { RunsModule } from '../../runs/runs.module.js';
import { WorkfilesModule } from '../../workfiles/workfiles.module.js';
import { WorkspacesModule } from '../../workspaces/workspaces.module.js';
import { RunResults } from '../results/run-results.js';
import { ChorusDoController } from './chorus-do.controller.js';
import { EngineController } from './engine.controller.js';
import { EngineRuns } from './engine-runs.service.js';
import { RunResultsController } from './run-results.controller.js';

/** What the engine tells and takes over HTTP. */
@Module({
  imports: [WorkfilesModule, WorkspacesModule, RunsModule],
  controllers: [RunResultsController, EngineController, ChorusDoController],
  providers: [RunResults, EngineRuns],
})
export class EngineHttpModule {}
