import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import {
  ApiAttributes,
  ApiEnvelope,
  ApiErrors,
  ApiNothing,
  ApiPage,
} from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { paginationOf, readPage } from '../common/http/page.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { readVersion } from './dto/save-version.js';
import { VersionBody } from './dto/workfile-body.dto.js';
import { WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfileVersions } from './workfile-versions.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000011 })
@Controller('workfiles/:id/versions')
export class WorkfileVersionsController {
  constructor(
    private readonly versions: WorkfileVersions,
    private readonly serializer: WorkfileSerializer,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Get()
  @Rule('see')
  @Bare()
  @ApiOperation({
    operationId: 'listWorkfileVersions',
    summary: 'List the versions of a file',
    description: 'Newest first, without contents: the workfile with each of its `version_info`s.',
  })
  @ApiPage(WorkfileDto)
  @ApiErrors(401, 403, 404, 422)
  async list(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: unknown,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    const list = await this.versions.list(id, viewer, readPage(query, body));
    return {
      response: list.items.map((one) => this.serializer.shown(one, viewer)),
      pagination: paginationOf(list),
    };
  }

  @Get(':version_id')
  @Rule('see')
  @ApiParam({ name: 'version_id', example: 1000011 })
  @ApiOperation({
    operationId: 'showWorkfileVersion',
    summary: 'Show a version of a file',
    description: 'With its content.',
  })
  @ApiEnvelope(200, WorkfileDto)
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @Param('version_id', RecordIdPipe) versionId: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    return this.serializer.shown(await this.versions.show(id, versionId, viewer), viewer);
  }

  @Post()
  @Rule('edit')
  @HttpCode(201)
  @RouteConfig({ spoolsFiles: true })
  @ApiAttributes(VersionBody, 'workfile')
  @ApiOperation({
    operationId: 'saveWorkfileVersion',
    summary: 'Save a new version',
    description:
      'Of a file; your draft is done with. Of a workflow: its document, which is checked like an upload; the answer is ' +
      'null.',
  })
  @ApiEnvelope(201, WorkfileDto, { nullable: true })
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async save(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto | null> {
    const versionId = await this.versions.save(id, viewer, (kind) =>
      readVersion(body, { limitBytes: this.limitOf(kind), required: kind === 'file' }),
    );
    if (versionId === null) return null;
    return this.serializer.shown(await this.versions.show(id, versionId, viewer), viewer);
  }

  @Put(':version_id')
  @Rule('edit')
  @RouteConfig({ spoolsFiles: true })
  @ApiParam({ name: 'version_id', example: 1000011 })
  @ApiAttributes(VersionBody, 'workfile')
  @ApiOperation({
    operationId: 'overwriteWorkfileVersion',
    summary: 'Overwrite the latest version',
    description: 'In place; your draft is done with. Older versions stay as they are: 422.',
  })
  @ApiEnvelope(200, WorkfileDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async overwrite(
    @Param('id', RecordIdPipe) id: number,
    @Param('version_id', RecordIdPipe) versionId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    await this.versions.overwrite(id, versionId, viewer, () =>
      readVersion(body, { limitBytes: this.limitOf('file'), required: true }),
    );
    return this.serializer.shown(await this.versions.show(id, versionId, viewer), viewer);
  }

  @Delete(':version_id')
  @Rule('edit')
  @Bare()
  @ApiParam({ name: 'version_id', example: 1000011 })
  @ApiOperation({
    operationId: 'deleteWorkfileVersion',
    summary: 'Delete a version',
    description: 'The last one that is left stays: 422.',
  })
  @ApiNothing(200)
  @ApiErrors(401, 403, 404, 422)
  async delete(
    @Param('id', RecordIdPipe) id: number,
    @Param('version_id', RecordIdPipe) versionId: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    await this.versions.delete(id, versionId, viewer);
    return {};
  }

  private limitOf(kind: string): number {
    return kind === 'workflow' ? this.config.uploadLimitBytes : this.config.workfileLimitBytes;
  }
}
