import { ApiProperty } from '@nestjs/swagger';
import { RUN_STATUSES, type RunStatus } from '../../runs/run-status.js';
import { PendingStopDto, StopReceiptDto, StopWishDto } from './stop-receipt.dto.js';

class StepOutputDto {
  @ApiProperty({ type: String, nullable: true, example: 'default' })
  readonly schema!: string | null;
  @ApiProperty({ example: 'alp1000006_1000004_join_0' }) readonly table!: string;
  @ApiProperty({ type: String, nullable: true, enum: ['TABLE', 'VIEW', null] })
  readonly kind!: string | null;
}

class StepErrorDto {
  @ApiProperty({ example: 'division by zero' }) readonly message!: string;
  @ApiProperty({ type: String, nullable: true, example: '22012' })
  readonly sqlstate!: string | null;
}

class RunErrorDto extends StepErrorDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Risk band',
    description: 'Which one failed; null when the workflow as a whole could not be run.',
  })
  readonly operator!: string | null;
}

export class RunStepDto {
  @ApiProperty({ example: 'Look-alikes' }) readonly name!: string;
  @ApiProperty({ example: 'Join' }) readonly type!: string;
  @ApiProperty({ enum: ['running', 'finished', 'rolled_back', 'failed'] }) readonly status!: string;
  @ApiProperty({ format: 'date-time' }) readonly started_at!: string;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly ended_at!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Rows stored; null when none were.' })
  readonly row_count!: number | null;
  @ApiProperty({ type: StepOutputDto, nullable: true, description: 'What it stored.' })
  readonly output!: StepOutputDto | null;
  @ApiProperty({ type: [String], description: 'The SQL that was sent.' })
  readonly statements!: readonly string[];
  @ApiProperty({ type: StepErrorDto, nullable: true }) readonly error!: StepErrorDto | null;
}

/** One execution of a workflow, as a list shows it. */
export class RunListItemDto {
  @ApiProperty({ format: 'uuid' }) readonly id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({ enum: RUN_STATUSES }) readonly status!: RunStatus;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Of a queued run: its place in the queue, from 1.',
  })
  readonly queue_position!: number | null;
  @ApiProperty({ example: 1000006 }) readonly requested_by!: number;
  @ApiProperty({ enum: ['Manual', 'API'], description: 'Who asked: a person, or a program.' })
  readonly run_type!: 'Manual' | 'API';
  @ApiProperty({ format: 'date-time' }) readonly queued_at!: string;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly started_at!: string | null;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly ended_at!: string | null;
  @ApiProperty({
    type: PendingStopDto,
    nullable: true,
    description: 'A stop that is not confirmed yet: since when, and what stands in the way.',
  })
  readonly stopping!: PendingStopDto | null;
  @ApiProperty({
    type: StopReceiptDto,
    nullable: true,
    description: 'Of a confirmed stop; null when nobody asked for one, or it is not confirmed.',
  })
  readonly stop_receipt!: StopReceiptDto | null;
  @ApiProperty({ type: RunErrorDto, nullable: true }) readonly error!: RunErrorDto | null;
  @ApiProperty({ example: 'run' }) readonly entity_type!: 'run';
}

/** One execution of a workflow, with its operators and the receipt of its stop. */
export class RunDto extends RunListItemDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { '@min_lines': '7' },
    description: 'Overridden variables.',
  })
  readonly variables!: Readonly<Record<string, string>>;
  @ApiProperty({
    type: [StopWishDto],
    description: 'Every accepted wish to stop it, the first one first.',
  })
  readonly stop_requests!: readonly StopWishDto[];
  @ApiProperty({ type: [RunStepDto] }) readonly steps!: readonly RunStepDto[];
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
