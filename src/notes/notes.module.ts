import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module.js';
import { Comment } from './comment.entity.js';
import { Event } from './event.entity.js';
import { TalkSerializer } from './talk.serializer.js';

@Module({
  imports: [TypeOrmModule.forFeature([Event, Comment]), UsersModule],
  providers: [TalkSerializer],
  exports: [TypeOrmModule, TalkSerializer],
})
export class NotesModule {}
