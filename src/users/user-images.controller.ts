import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Rule } from '../access/rule.decorator.js';
import { Bare } from '../common/http/bare.decorator.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { UserImages } from './user-images.service.js';

const DEFAULT_IMAGE = join(import.meta.dirname, 'assets', 'default-user.png');
const LONG = 'private, max-age=31536000, immutable';

/** The addresses that user documents print for pictures (chorus-api.md 5.1). For anybody who is logged in. */
@ApiExcludeController()
@Rule('logged in')
@Controller()
export class UserImagesController {
  constructor(private readonly images: UserImages) {}

  @Get('paperclip/users/images/:a/:b/:c/:style/:fileName')
  @Bare()
  async show(
    @Param('a') a: string,
    @Param('b') b: string,
    @Param('c') c: string,
    @Param('style') style: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const digits = [a, b, c];
    if (style !== 'original' && style !== 'icon') throw new RecordNotFound();
    if (!digits.every((group) => /^\d{3}$/.test(group))) throw new RecordNotFound();
    const { bytes, contentType } = await this.images.get(Number(digits.join('')), style);
    await reply.type(contentType).header('Cache-Control', LONG).send(bytes);
  }

  @Get('images/general/default-user.png')
  @Bare()
  async showDefault(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .type('image/png')
      .header('Cache-Control', LONG)
      .send(await readFile(DEFAULT_IMAGE));
  }
}
