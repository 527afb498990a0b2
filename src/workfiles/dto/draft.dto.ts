import { ApiProperty } from '@nestjs/swagger';

/** chorus-api.md 5.11 */
export class DraftDto {
  @ApiProperty({ example: 'SELECT * FROM demo.credit WHERE' }) readonly content!: string;
  @ApiProperty({ example: 1 }) readonly id!: number;
  @ApiProperty({ example: 1000006 }) readonly owner_id!: number;
  @ApiProperty({ example: 1000011 }) readonly workfile_id!: number;
  @ApiProperty({ example: 'workfile_draft' }) readonly entity_type!: 'workfile_draft';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
