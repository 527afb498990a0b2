import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { ApiErrors } from '../../common/http/api-docs.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { UuidPipe } from '../../common/http/uuid.pipe.js';
import { RunsService } from '../../workfiles/runs.service.js';
import { WorkfilesService } from '../../workfiles/workfiles.service.js';
import { FlowImages } from '../image/flow-images.js';

const SVG = 'image/svg+xml; charset=utf-8';
// Opened by itself a picture is a page: it may load and run nothing.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
const PICTURE = {
  status: 200,
  description: 'The picture',
  content: { 'image/svg+xml': { schema: { type: 'string' as const } } },
};

@ApiTags('runs')
@Bare()
@Rule('see')
@Controller()
export class FlowImagesController {
  constructor(
    private readonly workfiles: WorkfilesService,
    private readonly runs: RunsService,
    private readonly images: FlowImages,
  ) {}

  @Get('workfiles/:id/image.svg')
  @Header('Content-Type', SVG)
  @Header('Content-Security-Policy', POLICY)
  @ApiParam({ name: 'id', example: 1000004 })
  @ApiOperation({
    operationId: 'showWorkfileImage',
    summary: 'Picture of a workflow',
    description:
      'Operators, links, and the states of its latest run. For everybody who may see it.',
  })
  @ApiResponse(PICTURE)
  @ApiErrors(401, 403, 404, 422)
  async ofWorkfile(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<string> {
    await this.workfiles.assertVisible(id, viewer);
    return this.images.ofWorkfile(id);
  }

  @Get('runs/:id/image.svg')
  @Header('Content-Type', SVG)
  @Header('Content-Security-Policy', POLICY)
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    operationId: 'showRunImage',
    summary: 'Picture of a run',
    description: 'What it executes, each operator in the colour of its state.',
  })
  @ApiResponse(PICTURE)
  @ApiErrors(401, 403, 404, 422)
  async ofRun(@Param('id', UuidPipe) id: string, @CurrentUser() viewer: Viewer): Promise<string> {
    await this.runs.assertVisible(id, viewer);
    return this.images.ofRun(id);
  }
}
