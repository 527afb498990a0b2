import { ApiPropertyOptional } from '@nestjs/swagger';
import type { StoppedWork } from '../../access/running-work.js';
import { StoppedDto } from '../../access/stopped-work.dto.js';

/** What a deletion answers: `{}`, unless something was running. */
export class DeletedDto {
  @ApiPropertyOptional({
    type: [StoppedDto],
    description: 'What was under way, and was stopped for it.',
  })
  readonly stopped?: readonly StoppedWork[];
}

export function deletedOf(stopped: readonly StoppedWork[]): DeletedDto {
  return stopped.length === 0 ? {} : { stopped };
}
