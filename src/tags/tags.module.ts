import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Tag } from './tag.entity.js';
import { TagSerializer } from './tag.serializer.js';
import { Tagging } from './tagging.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Tag, Tagging])],
  providers: [TagSerializer],
  exports: [TypeOrmModule, TagSerializer],
})
export class TagsModule {}
