import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Milestone } from './milestone.entity.js';

/** Rows only, so far: workspaces count them. */
@Module({ imports: [TypeOrmModule.forFeature([Milestone])], exports: [TypeOrmModule] })
export class MilestonesModule {}
