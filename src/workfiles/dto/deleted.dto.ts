import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { StoppedWork } from '../../access/running-work.js';

class StoppedRunDto {
  @ApiProperty({ format: 'uuid' }) readonly run_id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({
    example: 'stopped',
    description: '`stopping`: not proven yet. The stop goes on until it is.',
  })
  readonly status!: string;
}

/** What a deletion answers: `{}`, unless something was running. */
export class DeletedDto {
  @ApiPropertyOptional({
    type: [StoppedRunDto],
    description: 'Runs that were under way, and were stopped for it.',
  })
  readonly stopped?: readonly StoppedWork[];
}

export function deletedOf(stopped: readonly StoppedWork[]): DeletedDto {
  return stopped.length === 0 ? {} : { stopped };
}
