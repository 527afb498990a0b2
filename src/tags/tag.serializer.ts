import { Injectable } from '@nestjs/common';
import type { TagDto } from './tag.dto.js';
import type { TagView } from './tag-view.js';

@Injectable()
export class TagSerializer {
  list(tags: readonly TagView[]): TagDto[] {
    return tags.map(({ id, name, count }) => ({ id, name, count, entity_type: 'tag' }));
  }
}
