import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, ValidateBy } from 'class-validator';
import { Flag, OptionalText, RecordId, RequiredText } from '../../common/http/attribute-rules.js';

export const PROJECT_STATUSES = ['on_track', 'needs_attention', 'at_risk'] as const;

const MAX_NAME = 256;
const MAX_SUMMARY = 10_000;
const MAX_REASON = 255;

// Rules are tried from the last upwards, and the first that fails is reported.

/** What may be said of a new workspace (chorus-api.md 8.2). */
export class NewWorkspaceDto {
  @ApiProperty({
    example: 'Awesome Workspace',
    maxLength: MAX_NAME,
    description: 'Unique, ignoring case.',
  })
  @RequiredText(MAX_NAME)
  readonly name!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Lots of good data in here',
    maxLength: MAX_SUMMARY,
  })
  @OptionalText(MAX_SUMMARY)
  readonly summary?: string | null;

  @ApiPropertyOptional({ type: Boolean, example: false, default: false })
  @Flag()
  readonly public?: boolean | null;

  @ApiPropertyOptional({ type: Boolean, example: true, default: true })
  @Flag()
  readonly is_project?: boolean | null;

  @ApiPropertyOptional({ enum: PROJECT_STATUSES, default: 'on_track' })
  @Transform(({ value }: { value: unknown }) => (value === '' ? null : value))
  @IsOptional()
  @IsIn(PROJECT_STATUSES)
  readonly project_status?: (typeof PROJECT_STATUSES)[number] | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Waiting for the data of March',
    maxLength: MAX_REASON,
    description: 'A change of status needs one.',
  })
  @OptionalText(MAX_REASON)
  readonly project_status_reason?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '2030-04-28',
    description: 'Counts while there is no milestone.',
  })
  @Transform(({ value }: { value: unknown }) => dateOf(value))
  @IsDay()
  @IsOptional()
  readonly project_target_date?: string | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    example: 2,
    description: 'Stage of the project; a number that is no id counts them from 1.',
  })
  @RecordId()
  readonly workspace_stage_id?: number | null;

  @ApiPropertyOptional({ type: Boolean, example: true, default: true })
  @Flag()
  readonly show_sandbox_datasets?: boolean | null;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'Only ever set.' })
  @Flag()
  readonly has_changed_settings?: boolean | null;
}

/** Only what is given changes; null leaves what cannot be null as it is (chorus-api.md 8.4). */
export class WorkspaceChangesDto extends PartialType(NewWorkspaceDto) {
  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    description: 'Archiving stops what runs here.',
  })
  @Flag()
  readonly archived?: boolean | null;

  @ApiPropertyOptional({ type: Number, example: 1000007, description: 'Must be a member.' })
  @RecordId()
  readonly owner_id?: number | null;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'Only ever set.' })
  @Flag()
  readonly has_added_member?: boolean | null;
}

/** `2030-04-28` out of that, or of the printed `2030-04-28T00:00:00Z`; empty is null. */
function dateOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value === '' ? null : value.replace(/T00:00:00Z$/, '');
}

/** A day of the calendar. */
function IsDay(): PropertyDecorator {
  return ValidateBy({
    name: 'isDay',
    validator: {
      validate: (value: unknown) => {
        if (typeof value !== 'string' || !/^[1-9]\d{3}-\d\d-\d\d$/.test(value)) return false;
        const day = new Date(`${value}T00:00:00Z`);
        return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
      },
    },
  });
}
