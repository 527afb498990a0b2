import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { StoppedWork } from './running-work.js';

/** A run, or an ad-hoc SQL text or preview, that was stopped because of the request. */
export class StoppedDto {
  @ApiProperty({
    required: false,
    format: 'uuid',
    description: 'Of a run: `GET /api/runs/{id}`.',
    example: '7b5f3a52-93f5-4a6f-9c26-3f6f0a2a51a1',
  })
  readonly run_id?: string;
  @ApiProperty({ required: false, format: 'uuid', description: 'Of ad-hoc SQL.' })
  readonly execution_id?: string;
  @ApiProperty({ type: Number, required: false, nullable: true, example: 1000004 })
  readonly workfile_id?: number | null;
  @ApiProperty({ type: Number, required: false, nullable: true, example: 1000011 })
  readonly dataset_id?: number | null;
  @ApiProperty({
    enum: ['stopped', 'succeeded', 'failed', 'stopping'],
    description: '`stopping` while it is not proven to be over.',
  })
  readonly status!: string;
}

/** What an archiving or deletion stopped; absent when nothing ran. */
export class StoppedWorkDto {
  @ApiPropertyOptional({ type: [StoppedDto] }) readonly stopped?: readonly StoppedWork[];
}
