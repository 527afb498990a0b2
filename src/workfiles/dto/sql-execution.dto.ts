import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { OptionalText, RequiredText } from '../../common/http/attribute-rules.js';
import { Count } from '../../data-sources/dto/text-rules.js';

const MAX_CHECK_ID = 255;
const MAX_SQL = 1_000_000;
const MAX_FILE_NAME = 200;

/** chorus-api.md 9.11 */
export class SqlExecutionBody {
  @ApiProperty({
    example: '4f1c',
    maxLength: MAX_CHECK_ID,
    description: 'Your name for the execution, to cancel it by; free again when it is over.',
  })
  @RequiredText(MAX_CHECK_ID)
  readonly check_id!: string;

  @ApiProperty({
    example: 'SELECT outlook, count(*) FROM demo.golfnew GROUP BY 1',
    maxLength: MAX_SQL,
  })
  @RequiredText(MAX_SQL)
  readonly sql!: string;

  @ApiPropertyOptional({
    type: String,
    example: 'true',
    description: 'Any value: the rows as a CSV file.',
  })
  @Allow()
  readonly download?: unknown;

  @ApiPropertyOptional({
    type: String,
    example: 'golf days',
    maxLength: MAX_FILE_NAME,
    description: "Of the CSV file, without `.csv`. Default: the workfile's.",
  })
  @OptionalText(MAX_FILE_NAME)
  readonly file_name?: string | null;

  @ApiPropertyOptional({
    type: Number,
    example: 10000,
    description: 'Most rows of the CSV file. Default: all of them.',
  })
  @Count()
  readonly num_of_rows?: number | null;
}
