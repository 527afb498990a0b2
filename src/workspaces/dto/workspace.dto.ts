import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { StoppedWorkDto } from '../../access/stopped-work.dto.js';
import { SchemaDto } from '../../data-sources/dto/data-source.dto.js';
import { TagDto } from '../../tags/tag.dto.js';
import { ImageDto } from '../../users/dto/image.dto.js';
import { SuccinctUserDto, UserDto } from '../../users/dto/user.dto.js';

/** chorus-api.md 5.4 */
export class WorkspaceStageDto {
  @ApiProperty({ example: true, description: 'New workspaces begin here.' })
  readonly default!: boolean;
  @ApiProperty({ example: 1000000 }) readonly id!: number;
  @ApiProperty({ example: 'Define' }) readonly name!: string;
  @ApiProperty({ example: 0 }) readonly position!: number;
  @ApiProperty() readonly description_long!: string;
  @ApiProperty() readonly description_short!: string;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 5.5 */
export class WorkspaceDto {
  @ApiProperty({ example: 1000008 }) readonly id!: number;
  @ApiProperty({ example: 'Public' }) readonly name!: string;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ example: 'workspace' }) readonly entity_type!: 'workspace';
  @ApiProperty({ example: false }) readonly archived!: boolean;
  @ApiProperty({ example: true }) readonly public!: boolean;
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  readonly archived_at!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'searchquery' })
  readonly summary!: string | null;
  @ApiProperty({ type: [String], example: ['admin', 'create_workflow'] })
  readonly permission!: readonly string[];
  @ApiProperty({ example: 11, description: 'Known datasets the viewer may use here.' })
  readonly datasets_count!: number;
  @ApiProperty({ example: 2 }) readonly members_count!: number;
  @ApiProperty({ example: 17 }) readonly workfiles_count!: number;
  @ApiProperty({ example: 1 }) readonly insights_count!: number;
  @ApiProperty({ example: 1, description: 'Of the last 7 days.' })
  readonly recent_insights_count!: number;
  @ApiProperty({ example: 9, description: 'Notes of the last 7 days.' })
  readonly recent_comments_count!: number;
  @ApiProperty({ example: true }) readonly has_recent_comments!: boolean;
  @ApiProperty({ example: true }) readonly has_milestones!: boolean;
  @ApiProperty({ type: WorkspaceStageDto, nullable: true })
  readonly workspace_stage!: WorkspaceStageDto | null;
  @ApiProperty({ type: Number, nullable: true, example: 1000000 })
  readonly workspace_stage_id!: number | null;
  @ApiProperty({ type: UserDto, nullable: true }) readonly archiver!: UserDto | null;
  @ApiProperty({ type: ImageDto }) readonly image!: ImageDto;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiProperty({ example: false }) readonly has_added_member!: boolean;
  @ApiProperty({ example: true }) readonly has_added_workfile!: boolean;
  @ApiProperty({ example: true }) readonly has_added_sandbox!: boolean;
  @ApiProperty({ example: false }) readonly has_changed_settings!: boolean;
  @ApiProperty({ type: SchemaDto, nullable: true }) readonly sandbox_info!: SchemaDto | null;
  @ApiProperty({ example: true }) readonly show_sandbox_datasets!: boolean;
  @ApiProperty({ type: UserDto }) readonly owner!: UserDto;
  @ApiProperty({ example: true }) readonly is_member!: boolean;
  @ApiProperty({ example: true }) readonly is_project!: boolean;
  @ApiProperty({ enum: ['on_track', 'needs_attention', 'at_risk'] })
  readonly project_status!: string;
  @ApiProperty({ type: String, nullable: true }) readonly project_status_reason!: string | null;
  @ApiProperty({ example: 3 }) readonly milestone_count!: number;
  @ApiProperty({ example: 0 }) readonly milestone_completed_count!: number;
  @ApiProperty({ type: String, nullable: true, example: '2019-04-28T00:00:00Z' })
  readonly project_target_date!: string | null;
  @ApiPropertyOptional({
    type: Object,
    description: 'The newest change of project_status; absent when there was none.',
  })
  readonly latest_status_change_activity?: object;
  @ApiPropertyOptional({
    example: 1,
    description: 'As the next three, only with `show_latest_comments=true`.',
  })
  readonly number_of_insights?: number;
  @ApiPropertyOptional({ example: 8, description: 'Recent notes and comments but insights.' })
  readonly number_of_comments?: number;
  @ApiPropertyOptional({ type: [Object], description: 'The five newest notes and comments.' })
  readonly latest_comment_list?: readonly object[];
  @ApiPropertyOptional({ type: Object, nullable: true, description: 'The newest insight.' })
  readonly latest_insight?: object | null;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

const LEFT_OUT = [
  'archiver',
  'image',
  'tags',
  'has_added_member',
  'has_added_workfile',
  'has_added_sandbox',
  'has_changed_settings',
  'sandbox_info',
  'show_sandbox_datasets',
  'owner',
  'complete_json',
] as const;

/** As `succinct=true` prints it, and other documents nest it. */
export class SuccinctWorkspaceDto extends OmitType(WorkspaceDto, LEFT_OUT) {
  @ApiProperty({ type: SuccinctUserDto }) readonly owner!: SuccinctUserDto;
}

/** A workspace that was changed, and what its archiving stopped. */
export class ChangedWorkspaceDto extends StoppedWorkDto {
  @ApiProperty({ type: WorkspaceDto }) readonly response!: WorkspaceDto;
}
