import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiBytes, ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { attachment } from '../common/http/content-disposition.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { idOf } from './dto/attribute-reader.js';
import { VersionImages } from './version-images.service.js';
import { type Download, WorkfileDownloads } from './workfile-downloads.service.js';

// Opened by itself a picture is a page: it may load and run nothing.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

@ApiTags('workfiles')
@Rule('see')
@Bare()
@Controller()
export class WorkfileDownloadsController {
  constructor(
    private readonly downloads: WorkfileDownloads,
    private readonly images: VersionImages,
  ) {}

  @Get('workfiles/:id/download')
  @ApiParam({ name: 'id', example: 1000011 })
  @ApiQuery({ name: 'version_id', required: false, description: 'Default: the latest version.' })
  @ApiOperation({
    operationId: 'downloadWorkfile',
    summary: 'Download a workfile',
    description:
      'A workflow as `.afm`; a file as your draft if you have one, else as the version. For everybody who may see it.',
  })
  @ApiBytes('The bytes, as an attachment')
  @ApiErrors(401, 403, 404)
  async download(
    @Param('id', RecordIdPipe) id: number,
    @Query() query: Readonly<Record<string, unknown>>,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { version_id: version } = query;
    const versionId = version === undefined || version === '' ? undefined : idOf(version);
    const file = await this.downloads.download(id, versionId, viewer);
    return this.send(file, attachment(file.fileName), reply);
  }

  @Get(['workfile_versions/:version_id/image', 'api/workfile_versions/:version_id/image'])
  @ApiParam({ name: 'version_id', example: 1000010 })
  @ApiQuery({
    name: 'style',
    required: false,
    enum: ['original', 'icon'],
    description: '`icon` fits 50x50. Default: `original`.',
  })
  @ApiOperation({
    operationId: 'showVersionImage',
    summary: 'Picture of a version',
    description:
      'As `version_info` names it, also without `/api`. `icon` fits 50x50. What is no picture comes as an attachment.',
  })
  @ApiBytes('The bytes')
  @ApiErrors(401, 403, 404)
  async image(
    @Param('version_id', RecordIdPipe) versionId: number,
    @Query() query: Readonly<Record<string, unknown>>,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { style = 'original' } = query;
    const file = await this.images.get(versionId, String(style), viewer);
    const isPicture = file.contentType.startsWith('image/');
    void reply.header('Content-Security-Policy', POLICY);
    return this.send(file, isPicture ? 'inline' : attachment(file.fileName), reply);
  }

  private send(file: Download, disposition: string, reply: FastifyReply): StreamableFile {
    const { contentType, sizeBytes, contents } = file;
    void reply.header('Content-Disposition', disposition).header('Content-Type', contentType);
    return new StreamableFile(contents, { length: sizeBytes });
  }
}
