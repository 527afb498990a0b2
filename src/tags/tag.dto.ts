import { ApiProperty } from '@nestjs/swagger';

/** chorus-api.md 5.3 */
export class TagDto {
  @ApiProperty({ example: 7 }) readonly id!: number;
  @ApiProperty({ example: 'churn' }) readonly name!: string;
  @ApiProperty({ example: 3, description: 'Things that carry the tag.' }) readonly count!: number;
  @ApiProperty({ example: 'tag' }) readonly entity_type!: 'tag';
}
