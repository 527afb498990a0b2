import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_ROLE, MEMBER_ROLES } from '../member-roles.js';

class WantedMemberDto {
  @ApiProperty({ example: 1000006 }) readonly user_id!: number;

  @ApiPropertyOptional({
    enum: MEMBER_ROLES,
    description: `Default: the role as it is; of new members ${DEFAULT_ROLE}.`,
  })
  readonly role?: string;
}

/** The complete list; `wanted-members.ts` reads it. */
export class MembersDto {
  @ApiPropertyOptional({
    type: [WantedMemberDto],
    example: [
      { user_id: 1000006, role: 'Project Manager' },
      { user_id: 1000007, role: 'Data Scientist' },
    ],
  })
  readonly members?: readonly WantedMemberDto[];

  @ApiPropertyOptional({
    type: [Number],
    example: [1000006, 1000007],
    description: 'Counts when there are no `members`.',
  })
  readonly member_ids?: readonly number[];
}
