import { Injectable } from '@nestjs/common';
import { safeHtml } from '../common/wire/html.js';
import { wireTime } from '../common/wire/time.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { CommentDto, RecentNoteDto } from './dto/comment.dto.js';
import type { Talk, WrittenComment, WrittenNote } from './talk.js';

/** Key order is contract (chorus-api.md 5.9, 5.15). */
@Injectable()
export class TalkSerializer {
  constructor(private readonly users: UserSerializer) {}

  /** None or one: the newer of the last note and the last comment. */
  recent({ note, comment }: Talk): (RecentNoteDto | CommentDto)[] {
    const noted = note?.event.createdAt.getTime() ?? -Infinity;
    const commented = comment?.comment.createdAt.getTime() ?? -Infinity;
    if (note !== null && noted >= commented) return [this.note(note)];
    return comment === null ? [] : [this.comment(comment)];
  }

  comment({ comment, author }: WrittenComment): CommentDto {
    return {
      id: comment.id,
      author: this.users.succinct(author),
      body: safeHtml(comment.body),
      action: 'SUB_COMMENT',
      timestamp: wireTime(comment.createdAt),
      entity_type: 'comment',
      complete_json: true,
    };
  }

  private note({ event, author }: WrittenNote): RecentNoteDto {
    const { body } = event.additionalData;
    return {
      body: typeof body === 'string' ? safeHtml(body) : '',
      author: this.users.succinct(author),
      timestamp: wireTime(event.createdAt),
      complete_json: true,
    };
  }
}
