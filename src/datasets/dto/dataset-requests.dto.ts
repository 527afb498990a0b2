import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { IsPresent, RequiredText } from '../../common/http/attribute-rules.js';

const MAX_CHECK_ID = 255;
const MOST_AT_ONCE = 1000;

/** Flat or in `task` (chorus-api.md 10.3). */
export class PreviewBody {
  @ApiProperty({
    example: '7d02',
    maxLength: MAX_CHECK_ID,
    description: 'Your name for the preview, to cancel it by; free again when it is over.',
  })
  @RequiredText(MAX_CHECK_ID)
  readonly check_id!: string;
}

export class DatasetIdsBody {
  @ApiProperty({ type: [Number], example: [1000014, 1000015], maxItems: MOST_AT_ONCE })
  @Ids()
  readonly dataset_ids!: readonly unknown[];
}

function Ids(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => listOf(value)),
    IsPresent(),
    IsArray(),
    ArrayMaxSize(MOST_AT_ONCE),
  );
}

/** Forms send a list, the indexes of a list, one value, or several with commas. */
function listOf(value: unknown): unknown {
  if (typeof value === 'string')
    return value.trim() === '' ? undefined : value.split(',').map((one) => one.trim());
  if (typeof value === 'number') return [value];
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.values(value);
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
