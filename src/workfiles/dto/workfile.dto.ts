import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DatabaseDto, SuccinctDataSourceDto } from '../../data-sources/dto/data-source.dto.js';
import type { SuccinctHdfsDataSourceDto } from '../../data-sources/dto/hdfs-data-source.dto.js';
import { CommentDto, RecentNoteDto } from '../../notes/dto/comment.dto.js';
import { TagDto } from '../../tags/tag.dto.js';
import { SuccinctUserDto } from '../../users/dto/user.dto.js';
import { WorkspaceDto } from '../../workspaces/dto/workspace.dto.js';

/** `idle`, `running`; `stopping`: a stop was accepted and is not confirmed yet. */
export type WorkfileStatus = 'idle' | 'running' | 'stopping';

/** chorus-api.md 5.9; the keys behind `associated_worklets` depend on the kind */
export class WorkfileDto {
  @ApiProperty({ example: 1000004 }) readonly id!: number;
  @ApiProperty({ type: WorkspaceDto }) readonly workspace!: WorkspaceDto;
  @ApiProperty({ example: 'alpine_flow' }) readonly file_name!: string;
  @ApiProperty({ example: 'work_flow' }) readonly file_type!: string;
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly latest_version_id!: number | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ type: [RecentNoteDto], description: 'None or one: the newest note or comment.' })
  readonly recent_comments!: readonly (RecentNoteDto | CommentDto)[];
  @ApiProperty({ example: 0 }) readonly comment_count!: number;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiProperty({ example: 'workfile' }) readonly entity_type!: 'workfile';
  @ApiProperty({ type: String, nullable: true, example: 'alpine' })
  readonly entity_subtype!: string | null;
  @ApiProperty({ format: 'date-time', example: '2019-04-03T22:09:35Z' })
  readonly user_modified_at!: string;
  @ApiProperty({
    enum: ['idle', 'running', 'stopping'],
    description: '`stopping`: a stop was accepted and is not confirmed yet.',
  })
  readonly status!: WorkfileStatus;
  @ApiProperty({ type: String, nullable: true }) readonly description!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly link_url!: string | null;
  @ApiProperty({ type: SuccinctUserDto }) readonly owner!: SuccinctUserDto;
  @ApiProperty({ type: [Object], description: 'Touchpoints built on this workflow.' })
  readonly associated_worklets!: readonly object[];
  @ApiPropertyOptional({ type: Object, description: 'Only in show.' })
  readonly version_info?: object;
  @ApiPropertyOptional({ type: [DatabaseDto], description: 'Workflows and touchpoints.' })
  readonly execution_locations?: readonly (
    DatabaseDto | SuccinctDataSourceDto | SuccinctHdfsDataSourceDto
  )[];
  @ApiPropertyOptional({ type: [Number], description: 'Workflows and touchpoints.' })
  readonly dataset_ids?: readonly number[];
  @ApiPropertyOptional({ description: 'Files: the caller has a draft.' })
  readonly has_draft?: boolean;
  @ApiPropertyOptional({ example: true }) readonly complete_json?: true;
}
