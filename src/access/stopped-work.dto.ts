import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { StoppedWork } from './running-work.js';

export class StoppedWorkItemDto implements StoppedWork {
  @ApiProperty({ format: 'uuid', example: '7b5f3a52-93f5-4a6f-9c26-3f6f0a2a51a1' })
  readonly run_id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({
    enum: ['stopped', 'succeeded', 'failed', 'stopping'],
    description: '`stopping` while it is not proven to be over; `GET /api/runs/{id}` tells.',
  })
  readonly status!: string;
}

/** What an archiving or deletion stopped; absent when nothing ran. */
export class StoppedWorkDto {
  @ApiPropertyOptional({ type: [StoppedWorkItemDto] }) readonly stopped?: readonly StoppedWork[];
}
