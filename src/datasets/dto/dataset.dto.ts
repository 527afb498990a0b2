import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { SchemaDto } from '../../data-sources/dto/data-source.dto.js';
import { CommentDto, RecentNoteDto } from '../../notes/dto/comment.dto.js';
import { TagDto } from '../../tags/tag.dto.js';
import { SuccinctWorkspaceDto } from '../../workspaces/dto/workspace.dto.js';

export const DATASET_SUBTYPES = ['SANDBOX_TABLE', 'SOURCE_TABLE', 'CHORUS_VIEW', 'HDFS'] as const;
export type DatasetSubtype = (typeof DATASET_SUBTYPES)[number];

export class AssociatedWorkspaceDto {
  @ApiProperty({ example: 1000008 }) readonly id!: number;
  @ApiProperty({ example: 'Public' }) readonly name!: string;
}

/** chorus-api.md 5.19 */
@ApiExtraModels(CommentDto, RecentNoteDto)
export class DatasetDto {
  @ApiProperty({
    type: 'array',
    items: { anyOf: [RecentNoteDto, CommentDto].map((dto) => ({ $ref: getSchemaPath(dto) })) },
    description: 'None, or the newest.',
  })
  readonly recent_comments!: readonly object[];
  @ApiProperty({ example: 0 }) readonly comment_count!: number;
  @ApiProperty({ example: 1000011 }) readonly id!: number;
  @ApiProperty({ example: 'credit' }) readonly object_name!: string;
  @ApiProperty({ type: SchemaDto, nullable: true }) readonly schema!: SchemaDto | null;
  @ApiProperty({ example: 'dataset' }) readonly entity_type!: 'dataset';
  @ApiProperty({ enum: DATASET_SUBTYPES, example: 'SOURCE_TABLE' })
  readonly entity_subtype!: DatasetSubtype;
  @ApiProperty({ example: false, description: 'No longer found in the database.' })
  readonly stale!: boolean;
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  readonly stale_at!: string | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({
    type: [AssociatedWorkspaceDto],
    description: 'Workspaces that use it and that you may see.',
  })
  readonly associated_workspaces!: readonly AssociatedWorkspaceDto[];
  @ApiPropertyOptional({
    type: SuccinctWorkspaceDto,
    description: 'Only in lists of a workspace: that workspace, in short form.',
  })
  readonly workspace?: object;
  @ApiProperty({ example: true, description: 'You may use the data source.' })
  readonly has_credentials!: boolean;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiProperty({ enum: ['TABLE', 'VIEW', 'CHORUS_VIEW', 'MASK'], example: 'TABLE' })
  readonly object_type!: string;
  @ApiPropertyOptional({ example: 'SELECT 1', description: 'Saved queries only.' })
  readonly query?: string;
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '/data/clicks/*.csv',
    description: 'HDFS only.',
  })
  readonly file_mask?: string | null;
  @ApiPropertyOptional({ type: Object, nullable: true, example: null, description: 'HDFS only.' })
  readonly hdfs_data_source?: null;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 10.3 */
export class DatasetStatisticsDto {
  @ApiProperty({ enum: ['TABLE', 'VIEW', 'CHORUS_VIEW'], example: 'TABLE' })
  readonly object_type!: string;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 60000,
    description: "The data source's estimate.",
  })
  readonly rows!: number | null;
  @ApiProperty({ example: 8 }) readonly columns!: number;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly description!: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly last_analyzed_time!: string | null;
  @ApiProperty({ type: Number, nullable: true, example: 5242880, description: 'Bytes.' })
  readonly on_disk_size!: number | null;
  @ApiProperty({ example: 0 }) readonly partitions!: number;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Of a view.' })
  readonly definition!: string | null;
  @ApiProperty({ example: 'dataset_statistics' }) readonly entity_type!: 'dataset_statistics';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
