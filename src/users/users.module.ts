import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TagsModule } from '../tags/tags.module.js';
import { Image } from './image.entity.js';
import { User } from './user.entity.js';
import { Images } from './images.service.js';
import { UserChanges } from './user-changes.service.js';
import { UserImagesController } from './user-images.controller.js';
import { UserRemoval } from './user-removal.service.js';
import { UserRole } from './user-role.entity.js';
import { UserSerializer } from './user.serializer.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, UserRole, Image]), TagsModule],
  controllers: [UsersController, UserImagesController],
  providers: [UsersService, UserChanges, UserRemoval, Images, UserSerializer],
  exports: [TypeOrmModule, UsersService, Images, UserSerializer],
})
export class UsersModule {}
