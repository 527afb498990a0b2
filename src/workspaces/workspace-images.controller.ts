import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { ApiImageBytes, ApiImageUpload, ApiPrintedPath } from '../users/image-docs.js';
import { ownerOfPath, styleOf } from '../users/image-paths.js';
import { Images } from '../users/images.service.js';
import { readPicture } from '../users/picture.js';
import { WorkspaceSerializer } from './workspace.serializer.js';
import { WorkspacesService } from './workspaces.service.js';

const LONG = 'private, max-age=31536000, immutable';

/** Pictures of workspaces: at the addresses that their documents print (chorus-api.md 5.1), and at those of 8.7. */
@ApiTags('workspaces')
@Controller()
export class WorkspaceImagesController {
  constructor(
    private readonly images: Images,
    private readonly workspaces: WorkspacesService,
    private readonly serializer: WorkspaceSerializer,
  ) {}

  @Get('workspaces/:id/image')
  @Rule('see')
  @Bare()
  @ApiOperation({
    operationId: 'showWorkspaceImage',
    summary: 'Show the picture of a workspace',
    description: 'As it was uploaded, or as thumbnail. 404 when the workspace has none.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiImageBytes()
  @ApiErrors(401, 403, 404)
  async show(
    @Param('id', RecordIdPipe) workspaceId: number,
    @Query('style') style: unknown,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.workspaces.assertCanSee(viewer, await this.workspaces.standing(workspaceId, viewer));
    const { bytes, contentType } = await this.images.get({ workspaceId }, styleOf(style));
    await reply.type(contentType).send(bytes);
  }

  @Post('workspaces/:id/image')
  @Rule('manage workspace')
  @HttpCode(200)
  @Bare()
  @RouteConfig({ takesFiles: true })
  @ApiOperation({
    operationId: 'uploadWorkspaceImage',
    summary: 'Set the picture of a workspace',
    description:
      'In place of the one before. 422: `image.BLANK`, `image_content_type.INVALID`, `image_file_size.LESS_THAN`.',
  })
  @ApiParam({ name: 'id', example: 1000008 })
  @ApiImageUpload()
  @ApiErrors(401, 403, 404, 422)
  async upload(
    @Param('id', RecordIdPipe) workspaceId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.workspaces.assertCanManage(viewer, await this.workspaces.standing(workspaceId, viewer));
    await this.images.put({ workspaceId }, await readPicture(body));
    const response = this.serializer.image(await this.workspaces.view(workspaceId, viewer));
    // Browsers show the answer in the frame of the form (chorus-api.md 1.5).
    await reply.type('text/html; charset=utf-8').send(JSON.stringify({ response }));
  }

  @Get('paperclip/workspaces/images/:a/:b/:c/:style/:fileName')
  @Rule('see')
  @Bare()
  @ApiOperation({
    operationId: 'showWorkspaceImageAtPath',
    summary: 'Picture of a workspace, at its printed address',
    description: 'As `image` of a workspace prints it.',
  })
  @ApiPrintedPath()
  @ApiErrors(401, 403, 404)
  async showAtPath(
    @Param('a') a: string,
    @Param('b') b: string,
    @Param('c') c: string,
    @Param('style') style: string,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const workspaceId = ownerOfPath([a, b, c]);
    this.workspaces.assertCanSee(viewer, await this.workspaces.standing(workspaceId, viewer));
    const { bytes, contentType } = await this.images.get({ workspaceId }, styleOf(style));
    await reply.type(contentType).header('Cache-Control', LONG).send(bytes);
  }
}
