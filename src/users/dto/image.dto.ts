import { ApiProperty } from '@nestjs/swagger';

/** chorus-api.md 5.1 */
export class ImageDto {
  @ApiProperty({
    example: '/paperclip/users/images/001/000/006/original/User.png?1554329366',
  })
  readonly original!: string;

  @ApiProperty({
    example: '/paperclip/users/images/001/000/006/icon/User.png?1554329366',
    description: 'Fits 50x50.',
  })
  readonly icon!: string;

  @ApiProperty({ example: 'image' }) readonly entity_type!: 'image';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
