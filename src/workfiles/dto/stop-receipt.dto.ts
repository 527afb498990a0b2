import { ApiProperty } from '@nestjs/swagger';
import type { StopReceipt } from '../../runs/stop-receipt.js';

const METHODS = [
  'not_started',
  'cancelled',
  'terminated',
  'already_finished',
  'session_gone',
] as const satisfies readonly StopReceipt['method'][];
const OUTCOMES = ['stopped', 'succeeded', 'failed'] as const;

class EndedSessionDto {
  @ApiProperty({ example: 1000002 }) readonly data_source_id!: number;
  @ApiProperty({ type: Number, nullable: true, example: 4711 })
  readonly backend_pid!: number | null;
  @ApiProperty({ example: 'cancelled' }) readonly ending!: string;
}

class StoppedOperatorsDto {
  @ApiProperty({ type: [String], example: ['credit', 'Heavy users'] })
  readonly finished!: readonly string[];
  @ApiProperty({ type: [String], example: ['Look-alikes'] })
  readonly rolled_back!: readonly string[];
  @ApiProperty({ type: [String], example: ['Risk band'] })
  readonly never_started!: readonly string[];
}

/** The proof of a stop. */
export class StopReceiptDto implements StopReceipt {
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
  @ApiProperty({
    type: String,
    nullable: true,
    format: 'date-time',
    description: 'null when there was nothing to kill.',
  })
  readonly first_kill_at!: string | null;
  @ApiProperty({ format: 'date-time' }) readonly confirmed_at!: string;
  @ApiProperty({
    format: 'double',
    example: 7.1,
    description: 'Milliseconds from `requested_at` to `confirmed_at`.',
  })
  readonly latency_ms!: number;
  @ApiProperty({
    enum: METHODS,
    description:
      '`not_started`: it was still queued. `cancelled`: its statements were cancelled. `terminated`: its sessions had to ' +
      'be. `already_finished`: it ended by itself first. `session_gone`: its sessions had gone with its worker.',
  })
  readonly method!: StopReceipt['method'];
  @ApiProperty({
    enum: OUTCOMES,
    description: 'How the run ended: a finish that came first counts.',
  })
  readonly outcome!: StopReceipt['outcome'];
  @ApiProperty({ type: [EndedSessionDto] }) readonly sessions_ended!: readonly EndedSessionDto[];
  @ApiProperty({
    type: StoppedOperatorsDto,
    nullable: true,
    description: 'Names of operators; null when the run had not begun.',
  })
  readonly operators!: StoppedOperatorsDto | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Last trouble on the way to the proof.',
  })
  readonly last_error!: string | null;
}

/** An accepted wish to stop a run. */
export class StopWishDto {
  @ApiProperty({ format: 'date-time' }) readonly requested_at!: string;
  @ApiProperty({ type: Number, nullable: true, example: 1000006 })
  readonly requested_by!: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'wrong filter' })
  readonly reason!: string | null;
  @ApiProperty({ example: false }) readonly forced!: boolean;
}

/** A stop that is not confirmed yet. */
export class PendingStopDto {
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly requested_at!: string | null;
  @ApiProperty({ type: Number, nullable: true, example: 1000006 })
  readonly requested_by!: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'wrong filter' })
  readonly reason!: string | null;
  @ApiProperty({ example: false }) readonly forced!: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'cannot connect to data source "Owners"',
    description: 'What stands in the way.',
  })
  readonly last_error!: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly error_since!: string | null;
}
