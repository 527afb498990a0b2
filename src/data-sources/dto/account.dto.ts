import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { UserDto } from '../../users/dto/user.dto.js';
import { MAX_PASSWORD, MAX_TEXT } from './data-source-attributes.dto.js';
import { NeededId, NeededText } from './text-rules.js';
import type { Credentials } from '../source-test.js';

/** chorus-api.md 5.18. The password is never printed. */
export class AccountDto {
  @ApiProperty({ example: 12 }) readonly id!: number;
  @ApiProperty({ example: 'analyst' }) readonly db_username!: string;
  @ApiProperty({ example: 1000006 }) readonly owner_id!: number;
  @ApiProperty({ example: 1000002 }) readonly data_source_id!: number;
  @ApiProperty({ type: UserDto }) readonly owner!: UserDto;
  @ApiProperty({ example: 'data_source_account' }) readonly entity_type!: 'data_source_account';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** Credentials, flat or in `account` (chorus-api.md 10.2). */
export class AccountAttributesDto {
  @ApiProperty({ example: 'analyst', maxLength: MAX_TEXT })
  @NeededText(MAX_TEXT)
  readonly db_username!: string;

  @ApiProperty({ example: 'open-sesame', format: 'password', maxLength: MAX_PASSWORD })
  @NeededText(MAX_PASSWORD)
  readonly db_password!: string;
}

export class MemberAttributesDto extends AccountAttributesDto {
  @ApiProperty({ example: 1000007, description: 'The user whose account it becomes.' })
  @NeededId()
  readonly owner_id!: number;

  @ApiPropertyOptional({ type: Boolean, example: false, description: 'Saves without a test.' })
  readonly incomplete?: boolean;
}

export class ChangedMemberDto extends AccountAttributesDto {
  @ApiPropertyOptional({ type: Boolean, example: false, description: 'Saves without a test.' })
  readonly incomplete?: boolean;
}

/** The user who takes the data source over, flat or in `owner`. */
export class NewOwnerDto {
  @ApiProperty({ example: 1000007 })
  @NeededId()
  readonly id!: number;
}

export function credentialsOf({ db_username, db_password }: AccountAttributesDto): Credentials {
  return { username: db_username, password: db_password };
}
