import { ApiPropertyOptional, ApiProperty, PartialType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsOptional, Matches } from 'class-validator';
import { Flag, OptionalText, RequiredText } from '../../common/http/attribute-rules.js';
import { MinLength } from '../../common/http/text-length.js';

export const USER_TYPES = [
  'analytics_developer',
  'data_analyst',
  'collaborator',
  'business_user',
] as const;
export const ROLES = ['admin', 'data_admin'] as const;

const MAX_TEXT = 256;
const MAX_NOTES = 4096;
const SHORTEST_PASSWORD = 6;
// Something like an address is all the contract asks for.
const ADDRESS = /[\w.-]+(\+[\w-]*)?@([\w-]+\.)+[\w-]+/;

// Rules are tried from the last upwards, and the first that fails is reported.

/** What may be said of a new user (chorus-api.md 7). */
export class NewUserDto {
  @ApiProperty({ example: 'ada', maxLength: MAX_TEXT, description: 'Unique, ignoring case.' })
  @Matches(/^\S+$/)
  @RequiredText(MAX_TEXT)
  readonly username!: string;

  @ApiProperty({
    example: 'demo62',
    format: 'password',
    minLength: SHORTEST_PASSWORD,
    maxLength: MAX_TEXT,
  })
  @MinLength(SHORTEST_PASSWORD)
  @RequiredText(MAX_TEXT)
  readonly password!: string;

  @ApiProperty({ example: 'Ada', maxLength: MAX_TEXT })
  @RequiredText(MAX_TEXT)
  readonly first_name!: string;

  @ApiProperty({ example: 'Lovelace', maxLength: MAX_TEXT })
  @RequiredText(MAX_TEXT)
  readonly last_name!: string;

  @ApiProperty({
    example: 'ada@example.org',
    maxLength: MAX_TEXT,
    description: 'Need not be unique.',
  })
  @Matches(ADDRESS)
  @RequiredText(MAX_TEXT)
  readonly email!: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Analyst', maxLength: MAX_TEXT })
  @OptionalText(MAX_TEXT)
  readonly title?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Research', maxLength: MAX_TEXT })
  @OptionalText(MAX_TEXT)
  readonly dept?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: null, maxLength: MAX_NOTES })
  @OptionalText(MAX_NOTES)
  readonly notes?: string | null;

  @ApiPropertyOptional({ enum: USER_TYPES, default: 'business_user' })
  @Transform(({ value }: { value: unknown }) => (value === '' ? null : value))
  @IsOptional()
  @IsIn(USER_TYPES)
  readonly user_type?: (typeof USER_TYPES)[number] | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    description: 'Counts before `roles`.',
  })
  @Flag()
  readonly admin?: boolean | null;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string', enum: [...ROLES] } }],
    example: 'data_admin',
    description: '`admin`, `data_admin` or empty; one, or a list.',
  })
  @Transform(({ value }: { value: unknown }) => rolesOf(value))
  @IsOptional()
  @IsArray()
  @IsIn(ROLES, { each: true })
  readonly roles?: readonly (typeof ROLES)[number][] | null;

  @ApiPropertyOptional({ type: Boolean, example: true, default: true })
  @Flag()
  readonly subscribed_to_emails?: boolean | null;
}

/** Only what is given changes; null leaves a required text as it is. */
export class ChangedUserDto extends PartialType(NewUserDto) {
  @ApiPropertyOptional({
    type: String,
    example: 'demo62',
    format: 'password',
    description: 'Needed to change your own password.',
  })
  @OptionalText(MAX_TEXT)
  readonly old_password?: string | null;
}

function rolesOf(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((one) => one !== '') : value;
}
