import { Module } from '@nestjs/common';
import { RunsModule } from '../../runs/runs.module.js';
import { WorkfilesModule } from '../../workfiles/workfiles.module.js';
import { WorkspacesModule } from '../../workspaces/workspaces.module.js';
import { RunExports } from '../results/run-exports.js';
import { RunResults } from '../results/run-results.js';
import { ChorusDoController } from './chorus-do.controller.js';
import { EngineController } from './engine.controller.js';
import { EngineRuns } from './engine-runs.service.js';
import { FlowImages } from '../image/flow-images.js';
import { FlowImagesController } from './flow-images.controller.js';
import { RunEventStream } from './run-event-stream.js';
import { RunWatchers } from './run-watchers.js';
import { RunEventsController } from './run-events.controller.js';
import { RunExportsController } from './run-exports.controller.js';
import { RunResultsController } from './run-results.controller.js';

/** What the engine tells and takes over HTTP. */
@Module({
  imports: [WorkfilesModule, WorkspacesModule, RunsModule],
  controllers: [
    RunResultsController,
    RunExportsController,
    RunEventsController,
    FlowImagesController,
    EngineController,
    ChorusDoController,
  ],
  providers: [RunResults, RunExports, RunEventStream, RunWatchers, FlowImages, EngineRuns],
})
export class EngineHttpModule {}
