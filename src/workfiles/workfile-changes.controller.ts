import { Body, Controller, Delete, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Asking } from '../access/asking.js';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { readCopy } from './dto/copy-workfile.js';
import { DeletedDto, deletedOf } from './dto/deleted.dto.js';
import { readChanges } from './dto/update-workfile.js';
import { CopyBody, WorkfileChangesBody } from './dto/workfile-body.dto.js';
import { WorkfileDto } from './dto/workfile.dto.js';
import { WorkfileChanging } from './workfile-changes.service.js';
import { WorkfileCopies } from './workfile-copies.service.js';
import { WorkfileSerializer } from './workfile.serializer.js';
import { WorkfileViews } from './workfile-views.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000011 })
@Rule('edit')
@Controller('workfiles/:id')
export class WorkfileChangesController {
  constructor(
    private readonly changing: WorkfileChanging,
    private readonly copies: WorkfileCopies,
    private readonly views: WorkfileViews,
    private readonly serializer: WorkfileSerializer,
  ) {}

  @Put()
  @ApiAttributes(WorkfileChangesBody, 'workfile')
  @ApiOperation({
    operationId: 'updateWorkfile',
    summary: 'Change a workfile',
    description:
      'Attributes that are not sent stay; those that the kind of workfile does not have are ignored. Renaming a file to ' +
      '`.sql` or `.txt` makes it one. `PATCH` does the same.',
  })
  @ApiEnvelope(200, WorkfileDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    await this.changing.update(id, viewer, (kind) => readChanges(body, kind));
    return this.serializer.updated(await this.views.detailsOf(id, viewer), viewer);
  }

  @Delete()
  @Bare()
  @ApiOperation({
    operationId: 'deleteWorkfile',
    summary: 'Delete a workfile',
    description:
      'Refused while touchpoints are built on it. What runs of it is stopped once it is deleted, and named in `stopped`.',
  })
  @ApiResponse({ status: 200, type: DeletedDto, description: 'Done' })
  @ApiErrors(401, 403, 404, 422)
  async delete(
    @Param('id', RecordIdPipe) id: number,
    @AskedBy() asking: Asking,
  ): Promise<DeletedDto> {
    return deletedOf(await this.changing.delete(id, asking));
  }

  @Post('copy')
  @HttpCode(201)
  @ApiAttributes(CopyBody, null)
  @ApiOperation({
    operationId: 'copyWorkfile',
    summary: 'Copy a workfile',
    description:
      'For everybody who may see it, into a workspace that they may edit. The copy is yours. A file is copied as its ' +
      'latest version.',
  })
  @ApiEnvelope(201, WorkfileDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async copy(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<WorkfileDto> {
    const copyId = await this.copies.copy(id, viewer, () => readCopy(body));
    return this.serializer.copied(await this.views.detailsOf(copyId, viewer), viewer);
  }
}
