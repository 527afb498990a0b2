import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { CurrentUser } from '../../access/current-user.js';
import { Rule } from '../../access/rule.decorator.js';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import { ApiBytes, ApiEnvelopeList, ApiErrors } from '../../common/http/api-docs.js';
import { Bare } from '../../common/http/bare.decorator.js';
import { attachment } from '../../common/http/content-disposition.js';
import { RecordIdPipe } from '../../common/http/record-id.pipe.js';
import { UuidPipe } from '../../common/http/uuid.pipe.js';
import { RunsService } from '../../workfiles/runs.service.js';
import { RunExports } from '../results/run-exports.js';
import { RunExportDto } from './run-export.dto.js';

@ApiTags('runs')
@Rule('see')
@Controller('runs/:id/exports')
export class RunExportsController {
  constructor(
    private readonly runs: RunsService,
    private readonly exports: RunExports,
  ) {}

  @Get()
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    operationId: 'listRunExports',
    summary: 'List the files of a run',
    description:
      'What its Export operators have made, in the order of the flow; each is there from the end of its operator on. ' +
      'For everybody who may see the workfile.',
  })
  @ApiEnvelopeList(200, RunExportDto)
  @ApiErrors(401, 403, 404)
  async list(
    @Param('id', UuidPipe) id: string,
    @CurrentUser() viewer: Viewer,
  ): Promise<readonly RunExportDto[]> {
    await this.runs.assertVisible(id, viewer);
    const files = await this.exports.list(id);
    return files.map(({ operatorName, fileName, sizeBytes, position }) => ({
      operator: operatorName,
      file_name: fileName,
      size_bytes: sizeBytes,
      url: `/api/runs/${id}/exports/${position}`,
    }));
  }

  @Get(':position')
  @Bare()
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiParam({ name: 'position', example: 3, description: 'Place of the operator in the flow.' })
  @ApiOperation({
    operationId: 'downloadRunExport',
    summary: 'Download a file of a run',
    description: 'As CSV. For everybody who may see the workfile.',
  })
  @ApiBytes('The bytes, as an attachment', 'text/csv')
  @ApiErrors(401, 403, 404)
  async download(
    @Param('id', UuidPipe) id: string,
    @Param('position', RecordIdPipe) position: number,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    await this.runs.assertVisible(id, viewer);
    const file = (await this.exports.list(id)).find((one) => one.position === position);
    if (file === undefined) throw new RecordNotFound();
    void reply
      .header('Content-Disposition', attachment(file.fileName))
      .header('Content-Type', 'text/csv; charset=utf-8');
    const contents = Readable.from(this.exports.read(file), { objectMode: false });
    return new StreamableFile(contents, { length: file.sizeBytes });
  }
}
