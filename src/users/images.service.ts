import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import type { ImageStyle } from './image-url.js';
import { Image } from './image.entity.js';
import type { Picture } from './picture.js';

export interface StoredImage {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Whose picture: one of the two. */
export type ImageOwner = { readonly userId: number } | { readonly workspaceId: number };

// The address of a picture ends in the second of its upload, and may be cached for ever: no two have the same.
const putFor = (column: 'user_id' | 'workspace_id') => ({
  name: `put-image-${column}`,
  text: `INSERT INTO images AS old (${column}, file_name, content_type, original, icon) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (${column}) DO UPDATE SET file_name = excluded.file_name, content_type = excluded.content_type,
      original = excluded.original, icon = excluded.icon,
      uploaded_at = greatest(now(), old.uploaded_at + interval '1 second')`,
});
const PUT_USER = putFor('user_id');
const PUT_WORKSPACE = putFor('workspace_id');

/** The pictures of users and workspaces, as they were uploaded. Who may see or set them, others decide. */
@Injectable()
export class Images {
  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound when there is none */
  async get(owner: ImageOwner, style: ImageStyle): Promise<StoredImage> {
    const image = await this.orm
      .getRepository(Image)
      .findOne({ where: owner, select: { id: true, contentType: true, [style]: true } });
    if (image === null) throw new RecordNotFound();
    return { bytes: image[style], contentType: image.contentType };
  }

  /** In place of the one that was there. */
  async put(owner: ImageOwner, picture: Picture): Promise<void> {
    const { fileName, contentType, original, icon } = picture;
    const ofUser = 'userId' in owner;
    await queryPrepared(this.orm, ofUser ? PUT_USER : PUT_WORKSPACE, [
      ofUser ? owner.userId : owner.workspaceId,
      fileName,
      contentType,
      original,
      icon,
    ]);
  }
}
