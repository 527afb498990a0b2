import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  Min,
} from 'class-validator';
import { booleanOf } from '../../common/http/attribute-rules.js';
import { MaxLength } from '../../common/http/text-length.js';

const LARGEST_ID = 2_147_483_647;
const MAX_IDS = 1000;

// Forms send texts; what is no such word stays as it is, and is refused (chorus-api.md 1.2). Null says nothing, as if
// it was left out: it is no condition.
const FormBoolean = () =>
  Transform(({ value }: { value: unknown }) => booleanOf(value) ?? undefined);
const FormInteger = () =>
  Transform(({ value }: { value: unknown }) => {
    if (value === '' || value === null) return undefined;
    return typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  });
const FormList = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',').map((one) => one.trim()) : (value ?? undefined),
  );

/** The documented request has no body; the reason is kept in the receipt. */
export class StopDto {
  @ApiPropertyOptional({ example: 'wrong filter', maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  readonly reason?: string;

  @ApiPropertyOptional({
    example: false,
    description: 'Terminates the sessions at once instead of cancelling their statements first.',
  })
  @IsOptional()
  @FormBoolean()
  @IsBoolean()
  readonly force?: boolean;
}

/** Which active runs; several conditions must all hold. */
export class RunFilterDto {
  @ApiPropertyOptional({ example: 1000006, description: 'Runs this user has started.' })
  @IsOptional()
  @FormInteger()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  readonly user_id?: number;

  @ApiPropertyOptional({ example: 1000008, description: 'Runs of workfiles in this workspace.' })
  @IsOptional()
  @FormInteger()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  readonly workspace_id?: number;

  @ApiPropertyOptional({ example: 1000002, description: 'Runs that work in this data source.' })
  @IsOptional()
  @FormInteger()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  readonly data_source_id?: number;

  @ApiPropertyOptional({
    example: 3600,
    description: 'Seconds: only runs that were asked for longer ago.',
  })
  @IsOptional()
  @FormInteger()
  @IsInt()
  @Min(0)
  @Max(LARGEST_ID)
  readonly older_than?: number;

  @ApiPropertyOptional({
    type: [String],
    format: 'uuid',
    maxItems: MAX_IDS,
    description: 'Ids of runs, also with commas between them.',
  })
  @IsOptional()
  @FormList()
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsUUID(undefined, { each: true })
  readonly ids?: string[];
}

/** A condition is needed: everything at once is said in so many words. */
export class StopRunsDto extends RunFilterDto {
  @ApiPropertyOptional({ example: 'maintenance', maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  readonly reason?: string;

  @ApiPropertyOptional({ example: false })
  @IsOptional()
  @FormBoolean()
  @IsBoolean()
  readonly force?: boolean;

  @ApiPropertyOptional({
    example: false,
    description: 'Every run you may stop, when no other condition is given.',
  })
  @IsOptional()
  @FormBoolean()
  @IsBoolean()
  readonly all?: boolean;
}
