import { ApiProperty } from '@nestjs/swagger';

/** Flat, or inside `session[…]` (chorus-api.md 1.2); `login-request.ts` reads both. */
export class LoginDto {
  @ApiProperty({ example: 'owner', description: 'Compared without case.' })
  readonly username!: string;

  @ApiProperty({ example: 'secret', format: 'password' })
  readonly password!: string;
}
