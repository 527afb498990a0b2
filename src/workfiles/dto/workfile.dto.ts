import type { Type } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  getSchemaPath,
  OmitType,
} from '@nestjs/swagger';
import {
  DatabaseDto,
  SchemaDto,
  SuccinctDataSourceDto,
} from '../../data-sources/dto/data-source.dto.js';
import { SuccinctHdfsDataSourceDto } from '../../data-sources/dto/hdfs-data-source.dto.js';
import { CommentDto, RecentNoteDto } from '../../notes/dto/comment.dto.js';
import { TagDto } from '../../tags/tag.dto.js';
import { SuccinctUserDto } from '../../users/dto/user.dto.js';
import { SuccinctWorkspaceDto, WorkspaceDto } from '../../workspaces/dto/workspace.dto.js';
import { TouchpointParameterDto } from './touchpoint.dto.js';
import { VersionInfoDto } from './version-info.dto.js';

/** `idle`, `running`; `stopping`: a stop was accepted and is not confirmed yet. */
export type WorkfileStatus = 'idle' | 'running' | 'stopping';

const refs = (...dtos: readonly Type[]) => dtos.map((dto) => ({ $ref: getSchemaPath(dto) }));

/** chorus-api.md 5.9; the keys behind `associated_worklets` depend on the kind */
@ApiExtraModels(
  CommentDto,
  DatabaseDto,
  RecentNoteDto,
  SuccinctDataSourceDto,
  SuccinctHdfsDataSourceDto,
)
export class WorkfileDto {
  @ApiProperty({ example: 1000004 }) readonly id!: number;
  @ApiProperty({ type: WorkspaceDto }) readonly workspace!: WorkspaceDto;
  @ApiProperty({ example: 'alpine_flow' }) readonly file_name!: string;
  @ApiProperty({ example: 'work_flow' }) readonly file_type!: string;
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly latest_version_id!: number | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({
    type: 'array',
    items: { anyOf: refs(RecentNoteDto, CommentDto) },
    description: 'None or one: the newest note or comment.',
  })
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
  @ApiProperty({
    type: () => [WorkfileDto],
    description: 'Touchpoints built on this workflow; empty in lists.',
  })
  readonly associated_worklets!: readonly object[];
  @ApiPropertyOptional({
    type: VersionInfoDto,
    nullable: true,
    description: 'In show and lists, not in the answers of run and stop.',
  })
  readonly version_info?: VersionInfoDto | null;
  @ApiPropertyOptional({
    type: 'array',
    items: { anyOf: refs(DatabaseDto, SuccinctDataSourceDto, SuccinctHdfsDataSourceDto) },
    description: 'Workflows and touchpoints: where they run.',
  })
  readonly execution_locations?: readonly (
    DatabaseDto | SuccinctDataSourceDto | SuccinctHdfsDataSourceDto
  )[];
  @ApiPropertyOptional({ type: [Number], description: 'Workflows and touchpoints.' })
  readonly dataset_ids?: readonly number[];
  @ApiPropertyOptional({ description: 'Files: the caller has a draft.' })
  readonly has_draft?: boolean;
  @ApiPropertyOptional({
    type: SchemaDto,
    nullable: true,
    description: 'Files: where their SQL runs.',
  })
  readonly execution_schema?: SchemaDto | null;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Tableau workbooks only.' })
  readonly workbook_url?: string | null;
  @ApiPropertyOptional({ description: 'Tableau workbooks only.' })
  readonly workbook_name?: string;
  @ApiPropertyOptional({ type: Number, nullable: true, description: 'Touchpoints: of what.' })
  readonly workflow_id?: number | null;
  @ApiPropertyOptional({ description: 'Touchpoints: with whose account they run.' })
  readonly run_persona?: string;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Touchpoints only.' })
  readonly output_table?: string | null;
  @ApiPropertyOptional({ description: 'Touchpoints only.' }) readonly state?: string;
  @ApiPropertyOptional({ type: [TouchpointParameterDto], description: 'Touchpoints only.' })
  readonly parameters?: readonly TouchpointParameterDto[];
  @ApiPropertyOptional({ example: false, description: 'Touchpoints: the caller has a run of it.' })
  readonly running?: boolean;
  @ApiPropertyOptional({ example: true }) readonly complete_json?: true;
}

/** As the list of a workspace shows it. */
export class ListedWorkfileDto extends OmitType(WorkfileDto, ['workspace']) {
  @ApiProperty({ type: SuccinctWorkspaceDto }) readonly workspace!: SuccinctWorkspaceDto;
}
