import { Injectable } from '@nestjs/common';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import { TagSerializer } from '../tags/tag.serializer.js';
import type { ImageDto } from './dto/image.dto.js';
import type { MemberDto, SuccinctUserDto, UserDto } from './dto/user.dto.js';
import { imageUrl } from './image-url.js';
import type { Person } from './person.js';

const DEFAULT_IMAGE = '/images/general/default-user.png';

/** Key order is contract (chorus-api.md 5.2): clients and golden files compare bytes. */
@Injectable()
export class UserSerializer {
  constructor(private readonly tags: TagSerializer) {}

  succinct(person: Person): SuccinctUserDto {
    const { user, roles, image } = person;
    return {
      id: user.id,
      username: user.username,
      first_name: user.firstName,
      last_name: user.lastName,
      image: this.image(person),
      is_deleted: wireDeleted(user.deletedAt),
      auth_method: user.authMethod,
      ldap_group_id: user.ldapGroupId,
      user_type: user.userType,
      entity_type: 'user',
      using_default_image: image === null,
      active_license: user.deactivatedAt === null && user.deletedAt === null,
      is_siteadmin: user.siteAdmin,
      roles,
    };
  }

  full(person: Person): UserDto {
    const { user, roles, tags } = person;
    return {
      ...this.succinct(person),
      email: user.email,
      // Unset texts read back as empty ones (client-expectations.md 2).
      title: user.title ?? '',
      dept: user.dept ?? '',
      notes: user.notes ?? '',
      admin: roles.includes('admin'),
      subscribed_to_emails: user.subscribedToEmails,
      tags: this.tags.list(tags),
      deactivated_at: wireTime(user.deactivatedAt),
      complete_json: true,
    };
  }

  /** As lists of members print him: with his role there (chorus-api.md 5.2). */
  member(person: Person, role: string): MemberDto {
    const { complete_json, ...user } = this.full(person);
    return { ...user, role, complete_json };
  }

  image({ user, image }: Person): ImageDto {
    return {
      original: image ? imageUrl('users', user.id, 'original', image) : DEFAULT_IMAGE,
      icon: image ? imageUrl('users', user.id, 'icon', image) : DEFAULT_IMAGE,
      entity_type: 'image',
      complete_json: true,
    };
  }
}
