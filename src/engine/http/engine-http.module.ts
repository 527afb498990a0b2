import { Module } from '@nestjs/common';
import { RunsModule } from '../../runs/runs.module.js';
import { WorkfilesModule } from '../../workfiles/workfiles.module.js';
import { RunResults } from '../results/run-results.js';
import { RunResultsController } from './run-results.controller.js';

/** What the engine tells and takes over HTTP. */
@Module({
  imports: [WorkfilesModule, RunsModule],
  controllers: [RunResultsController],
  providers: [RunResults],
})
export class EngineHttpModule {}
