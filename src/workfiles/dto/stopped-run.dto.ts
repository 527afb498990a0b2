import { ApiProperty } from '@nestjs/swagger';
import { RUN_STATUSES, type RunStatus } from '../../runs/run-status.js';

export const STOP_OUTCOMES = ['stopped', 'stopping', 'already_over', 'denied'] as const;
export type StopItemOutcome = (typeof STOP_OUTCOMES)[number];

/** What became of one run of a bulk stop. */
export class StoppedRunDto {
  @ApiProperty({ format: 'uuid' }) readonly run_id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({
    enum: STOP_OUTCOMES,
    description:
      '`stopped`: proven to be dead. `stopping`: not confirmed yet, it goes on. `already_over`: it ended by itself ' +
      'first, `status` says how. `denied`: you may see it, but not stop it.',
  })
  readonly outcome!: StopItemOutcome;
  @ApiProperty({ enum: RUN_STATUSES }) readonly status!: RunStatus;
}

/** One accepted wish to stop a run, and how it came out. */
export class StopRequestDto {
  @ApiProperty({ example: 17 }) readonly id!: number;
  @ApiProperty({ format: 'uuid' }) readonly run_id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({ format: 'date-time' }) readonly requested_at!: string;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 1000006,
    description: 'User; null for the server itself, e.g. at the time limit.',
  })
  readonly requested_by!: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'wrong filter' })
  readonly reason!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '127.0.0.1' })
  readonly address!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly request_id!: string | null;
  @ApiProperty({ example: false }) readonly forced!: boolean;
  @ApiProperty({ enum: RUN_STATUSES, description: 'State of the run now.' })
  readonly status!: RunStatus;
  @ApiProperty({ type: String, nullable: true, example: 'cancelled' })
  readonly method!: string | null;
  @ApiProperty({ type: Number, nullable: true, format: 'double', example: 7.1 })
  readonly latency_ms!: number | null;
}
