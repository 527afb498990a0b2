import { ApiProperty } from '@nestjs/swagger';
import { TagDto } from '../../tags/tag.dto.js';
import { ImageDto } from './image.dto.js';

/** chorus-api.md 5.2, succinct form */
export class SuccinctUserDto {
  @ApiProperty({ example: 1000006 }) readonly id!: number;
  @ApiProperty({ example: 'owner' }) readonly username!: string;
  @ApiProperty({ example: 'searchquery' }) readonly first_name!: string;
  @ApiProperty({ example: 'User_1' }) readonly last_name!: string;
  @ApiProperty({ type: ImageDto }) readonly image!: ImageDto;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ example: 'internal' }) readonly auth_method!: string;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly ldap_group_id!: string | null;
  @ApiProperty({
    enum: ['analytics_developer', 'data_analyst', 'collaborator', 'business_user'],
  })
  readonly user_type!: string;
  @ApiProperty({ example: 'user' }) readonly entity_type!: 'user';
  @ApiProperty({ example: false }) readonly using_default_image!: boolean;
  @ApiProperty({ example: true, description: 'Neither deactivated nor deleted.' })
  readonly active_license!: boolean;
  @ApiProperty({ example: false }) readonly is_siteadmin!: boolean;
  @ApiProperty({ type: [String], example: ['data_admin'] }) readonly roles!: readonly string[];
}

/** chorus-api.md 5.2 */
export class UserDto extends SuccinctUserDto {
  @ApiProperty({ example: 'owner@example.org' }) readonly email!: string;
  @ApiProperty({ example: 'Chief Data Scientist', description: 'Unset: empty.' })
  readonly title!: string;
  @ApiProperty({ example: 'Corporation Corp., Inc.' }) readonly dept!: string;
  @ApiProperty({ example: 'One of our top performers' }) readonly notes!: string;
  @ApiProperty({ example: false }) readonly admin!: boolean;
  @ApiProperty({ example: true }) readonly subscribed_to_emails!: boolean;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  readonly deactivated_at!: string | null;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** A user as member of a workspace (chorus-api.md 8.6). */
export class MemberDto extends UserDto {
  @ApiProperty({ example: 'Data Scientist' }) readonly role!: string;
}
