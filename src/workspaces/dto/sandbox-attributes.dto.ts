import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, ValidateBy } from 'class-validator';
import { Flag, RecordId } from '../../common/http/attribute-rules.js';

/** Longer names are cut off by PostgreSQL without an error. */
const MAX_NAME_BYTES = 63;

/** Which schema shall be the sandbox: one of three forms (chorus-api.md 8.7). */
export class SandboxDto {
  @ApiPropertyOptional({ type: Number, example: 1000006, description: 'A known schema. Or …' })
  @RecordId()
  readonly schema_id?: number | null;

  @ApiPropertyOptional({
    type: String,
    example: 'churn_sandbox',
    description: '… one to be created (`public` is taken as it is), in …',
  })
  @IsShortName()
  @IsString()
  @IsOptional()
  readonly schema_name?: string | null;

  @ApiPropertyOptional({ type: Number, example: 1000001, description: '… a known database, or …' })
  @RecordId()
  readonly database_id?: number | null;

  @ApiPropertyOptional({
    type: String,
    example: 'analytics',
    description: '… one by its name, created when the data source has none of this name, in …',
  })
  @IsShortName()
  @IsString()
  @IsOptional()
  readonly database_name?: string | null;

  @ApiPropertyOptional({ type: Number, example: 1000002, description: '… this data source.' })
  @RecordId()
  readonly data_source_id?: number | null;

  @ApiPropertyOptional({ type: Boolean, example: true })
  @Flag()
  readonly show_sandbox_datasets?: boolean | null;
}

function IsShortName(): PropertyDecorator {
  return ValidateBy({
    name: 'maxLength',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && Buffer.byteLength(value) <= MAX_NAME_BYTES,
      defaultMessage: () => `at most ${MAX_NAME_BYTES} bytes`,
    },
  });
}
