import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { Image } from './image.entity.js';
import type { ImageStyle } from './image-url.js';

export interface StoredImage {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** The pictures of users, as they were uploaded. */
@Injectable()
export class UserImages {
  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound when the user has no picture */
  async get(userId: number, style: ImageStyle): Promise<StoredImage> {
    const image = await this.orm
      .getRepository(Image)
      .findOne({ where: { userId }, select: { id: true, contentType: true, [style]: true } });
    if (image === null) throw new RecordNotFound();
    return { bytes: image[style], contentType: image.contentType };
  }
}
