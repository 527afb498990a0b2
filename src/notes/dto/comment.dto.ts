import { ApiProperty } from '@nestjs/swagger';
import { SuccinctUserDto } from '../../users/dto/user.dto.js';

/** chorus-api.md 5.9: a note as a workfile shows it */
export class RecentNoteDto {
  @ApiProperty({ example: 'The join is slow.' }) readonly body!: string;
  @ApiProperty({ type: SuccinctUserDto }) readonly author!: SuccinctUserDto;
  @ApiProperty({ format: 'date-time' }) readonly timestamp!: string;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 5.15 */
export class CommentDto {
  @ApiProperty({ example: 12 }) readonly id!: number;
  @ApiProperty({ type: SuccinctUserDto }) readonly author!: SuccinctUserDto;
  @ApiProperty({ example: 'Which index?' }) readonly body!: string;
  @ApiProperty({ example: 'SUB_COMMENT' }) readonly action!: 'SUB_COMMENT';
  @ApiProperty({ format: 'date-time' }) readonly timestamp!: string;
  @ApiProperty({ example: 'comment' }) readonly entity_type!: 'comment';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
