import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { tagsJson, type TagView } from '../tags/tag-view.js';
import { Image } from './image.entity.js';
import { User } from './user.entity.js';

/** A user with what the wire shows of him but the row does not hold. */
export interface Person {
  readonly user: User;
  readonly roles: readonly string[];
  /** Null: the default picture. */
  readonly image: Image | null;
  readonly tags: readonly TagView[];
}

export interface PersonJson {
  readonly user: object;
  readonly roles: readonly string[];
  readonly image: object | null;
  readonly tags: readonly TagView[];
}

/** SQL of one user as `PersonJson`, or NULL. @param id SQL expression of the user's id */
export function personJson(id: string): string {
  return `(SELECT json_build_object('user', ${entityJson(User, 'person')},
      'roles', (SELECT coalesce(json_agg(role ORDER BY role), '[]') FROM user_roles WHERE user_id = person.id),
      'image', (SELECT ${entityJson(Image, 'picture')} FROM images picture WHERE picture.user_id = person.id),
      'tags', ${tagsJson('user', 'person.id')})
    FROM users person WHERE person.id = ${id})`;
}

export function personOf({ user, roles, image, tags }: PersonJson): Person {
  return {
    user: entityOf(User, user),
    roles,
    image: image === null ? null : entityOf(Image, image),
    tags,
  };
}
