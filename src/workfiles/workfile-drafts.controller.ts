import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors, ApiNothing } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { DraftDto } from './dto/draft.dto.js';
import { readDraft } from './dto/save-version.js';
import { DraftBody } from './dto/workfile-body.dto.js';
import type { WorkfileDraft } from './workfile-draft.entity.js';
import { WorkfileDrafts } from './workfile-drafts.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000011 })
@Controller('workfiles/:id/draft')
export class WorkfileDraftsController {
  constructor(private readonly drafts: WorkfileDrafts) {}

  @Get()
  @Rule('see')
  @ApiOperation({
    operationId: 'showDraft',
    summary: 'Show your draft',
    description: 'Each user has their own; nobody else sees it.',
  })
  @ApiEnvelope(200, DraftDto)
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<DraftDto> {
    return presented(await this.drafts.get(id, viewer));
  }

  @Post()
  @Rule('edit')
  @HttpCode(201)
  @ApiAttributes(DraftBody, 'workfile_draft')
  @ApiOperation({
    operationId: 'createDraft',
    summary: 'Begin a draft',
    description: 'Of a file. Replaces the draft that you have.',
  })
  @ApiEnvelope(201, DraftDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async create(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<DraftDto> {
    return presented(await this.drafts.save(id, viewer, () => readDraft(body)));
  }

  @Put()
  @Rule('edit')
  @ApiAttributes(DraftBody, 'workfile_draft')
  @ApiOperation({
    operationId: 'updateDraft',
    summary: 'Change your draft',
    description: '404 when you have none.',
  })
  @ApiEnvelope(200, DraftDto)
  @ApiErrors(400, 401, 403, 404, 413, 422)
  async update(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
  ): Promise<DraftDto> {
    return presented(await this.drafts.change(id, viewer, () => readDraft(body)));
  }

  @Delete()
  @Rule('edit')
  @Bare()
  @ApiOperation({
    operationId: 'deleteDraft',
    summary: 'Drop your draft',
    description: '404 when you have none.',
  })
  @ApiNothing(200)
  @ApiErrors(401, 403, 404)
  async drop(
    @Param('id', RecordIdPipe) id: number,
    @CurrentUser() viewer: Viewer,
  ): Promise<object> {
    await this.drafts.drop(id, viewer);
    return {};
  }
}

/** Key order is contract (chorus-api.md 5.11). */
function presented(draft: WorkfileDraft): DraftDto {
  return {
    content: draft.content,
    id: draft.id,
    owner_id: draft.ownerId,
    workfile_id: draft.workfileId,
    entity_type: 'workfile_draft',
    complete_json: true,
  };
}
