import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TagsModule } from '../tags/tags.module.js';
import { Image } from './image.entity.js';
import { User } from './user.entity.js';
import { UserImagesController } from './user-images.controller.js';
import { UserImages } from './user-images.service.js';
import { UserRole } from './user-role.entity.js';
import { UserSerializer } from './user.serializer.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, UserRole, Image]), TagsModule],
  controllers: [UserImagesController],
  providers: [UsersService, UserImages, UserSerializer],
  exports: [TypeOrmModule, UsersService, UserSerializer],
})
export class UsersModule {}
