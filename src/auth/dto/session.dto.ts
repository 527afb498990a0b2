import { ApiProperty } from '@nestjs/swagger';
import { UserDto } from '../../users/dto/user.dto.js';

/** chorus-api.md 5.20 */
export class SessionDto {
  @ApiProperty({
    example: '0f3c9be1a7d2446a9a1be5c37d2f8e604b1c2d3e',
    description: 'Send it as parameter `session_id` or header `x-token`; it is shown only here.',
  })
  readonly session_id!: string;

  @ApiProperty({ type: UserDto }) readonly user!: Omit<UserDto, 'complete_json'>;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

export class LogoutDto {
  @ApiProperty({ example: 'c2Vl' }) readonly csrf_token!: string;
}
