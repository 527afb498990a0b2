import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { UserDto } from '../../users/dto/user.dto.js';

/** Without `complete_json` in the answer to a login. */
export class SessionUserDto extends OmitType(UserDto, ['complete_json']) {
  @ApiPropertyOptional({ example: true }) readonly complete_json?: true;
}

/** chorus-api.md 5.20 */
export class SessionDto {
  @ApiProperty({
    example: '0f3c9be1a7d2446a9a1be5c37d2f8e604b1c2d3e',
    description: 'Send it as parameter `session_id` or header `x-token`; it is shown only here.',
  })
  readonly session_id!: string;

  @ApiProperty({ type: SessionUserDto }) readonly user!: SessionUserDto;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

export class LogoutDto {
  @ApiProperty({ example: 'c2Vl' }) readonly csrf_token!: string;
}
