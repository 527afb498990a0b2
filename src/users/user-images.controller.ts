import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied } from '../common/errors/domain-error.js';
import { ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { ApiImage, ApiImageBytes, ApiImageUpload, ApiPrintedPath } from './image-docs.js';
import { ownerOfPath, styleOf } from './image-paths.js';
import { Images } from './images.service.js';
import { readPicture } from './picture.js';
import { UserSerializer } from './user.serializer.js';
import { UsersService } from './users.service.js';

const DEFAULT_IMAGE = join(import.meta.dirname, 'assets', 'default-user.png');
const LONG = 'private, max-age=31536000, immutable';

/** Pictures of people: at the addresses that user documents print (chorus-api.md 5.1), and at those of section 7. */
@ApiTags('users')
@Controller()
export class UserImagesController {
  constructor(
    private readonly images: Images,
    private readonly users: UsersService,
    private readonly serializer: UserSerializer,
  ) {}

  @Get('users/:id/image')
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'showUserImage',
    summary: 'Show the picture of a user',
    description: 'As it was uploaded, or as thumbnail. 404 when the user has none.',
  })
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiImageBytes()
  @ApiErrors(401, 404)
  async show(
    @Param('id', RecordIdPipe) userId: number,
    @Query('style') style: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { bytes, contentType } = await this.images.get({ userId }, styleOf(style));
    await reply.type(contentType).send(bytes);
  }

  @Post('users/:id/image')
  @Rule('self')
  @HttpCode(200)
  @Bare()
  @RouteConfig({ takesFiles: true })
  @ApiOperation({
    operationId: 'uploadUserImage',
    summary: 'Set the picture of a user',
    description:
      'In place of the one before. For the user and administrators. 422: `image.BLANK`, `image_content_type.INVALID`, ' +
      '`image_file_size.LESS_THAN`.',
  })
  @ApiParam({ name: 'id', example: 1000006 })
  @ApiImageUpload()
  @ApiErrors(401, 403, 404, 422)
  async upload(
    @Param('id', RecordIdPipe) userId: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.users.get(userId);
    if (!viewer.isAdmin && viewer.id !== userId) throw new AccessDenied();
    await this.images.put({ userId }, await readPicture(body));
    const response = this.serializer.image(await this.users.get(userId));
    // Browsers show the answer in the frame of the form (chorus-api.md 1.5).
    await reply.type('text/html; charset=utf-8').send(JSON.stringify({ response }));
  }

  @Get('paperclip/users/images/:a/:b/:c/:style/:fileName')
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'showUserImageAtPath',
    summary: 'Picture of a user, at its printed address',
    description: 'As `image` of a user prints it.',
  })
  @ApiPrintedPath()
  @ApiErrors(401, 404)
  async showAtPath(
    @Param('a') a: string,
    @Param('b') b: string,
    @Param('c') c: string,
    @Param('style') style: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const owner = { userId: ownerOfPath([a, b, c]) };
    const { bytes, contentType } = await this.images.get(owner, styleOf(style));
    await reply.type(contentType).header('Cache-Control', LONG).send(bytes);
  }

  @Get('images/general/default-user.png')
  @Rule('logged in')
  @Bare()
  @ApiOperation({
    operationId: 'showDefaultUserImage',
    summary: 'Picture of users who have none',
    description: 'As `image` of such a user prints it.',
  })
  @ApiImage('image/png')
  @ApiErrors(401)
  async showDefault(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .type('image/png')
      .header('Cache-Control', LONG)
      .send(await readFile(DEFAULT_IMAGE));
  }
}
