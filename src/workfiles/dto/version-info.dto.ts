import { ApiPropertyOptional } from '@nestjs/swagger';
import { SuccinctUserDto } from '../../users/dto/user.dto.js';

/** chorus-api.md 5.9, 5.10: of a workflow only the two times, of a workbook only the second */
export class VersionInfoDto {
  @ApiPropertyOptional({ example: 1000011 }) readonly id?: number;
  @ApiPropertyOptional({ example: 2 }) readonly version_num?: number;
  @ApiPropertyOptional({ type: String, nullable: true, example: 'Cut at seven' })
  readonly commit_message?: string | null;
  @ApiPropertyOptional({ type: SuccinctUserDto }) readonly owner?: SuccinctUserDto;
  @ApiPropertyOptional({ type: SuccinctUserDto }) readonly modifier?: SuccinctUserDto;
  @ApiPropertyOptional({ format: 'date-time' }) readonly created_at?: string;
  @ApiPropertyOptional({ format: 'date-time' }) readonly updated_at?: string;
  @ApiPropertyOptional({
    example: '/workfile_versions/1000011/image?style=original&1554329366',
    description: 'Where the bytes are.',
  })
  readonly content_url?: string;
  @ApiPropertyOptional({ example: false, description: '`content` is cut at 128 KB.' })
  readonly partial_file?: boolean;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Pictures only.' })
  readonly icon_url?: string | null;
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'SELECT * FROM demo.credit;\n',
    description: 'Texts only; null in lists.',
  })
  readonly content?: string | null;
}
