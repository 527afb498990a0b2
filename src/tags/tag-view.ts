import type { Tagging } from './tagging.entity.js';

export interface TagView {
  readonly id: number;
  readonly name: string;
  /** Things that carry it. */
  readonly count: number;
}

/** SQL of the tags of one thing as a JSON array of `TagView`, in the order in which they were put on. */
export function tagsJson(type: Tagging['taggableType'], id: string): string {
  return `(SELECT coalesce(json_agg(json_build_object('id', tag.id, 'name', tag.name,
      'count', (SELECT count(*) FROM taggings other WHERE other.tag_id = tag.id)) ORDER BY tagging.id), '[]')
    FROM taggings tagging JOIN tags tag ON tag.id = tagging.tag_id
    WHERE tagging.taggable_type = '${type}' AND tagging.taggable_id = ${id})`;
}
