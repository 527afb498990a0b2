import { ApiProperty } from '@nestjs/swagger';
import { RUN_STATUSES, type RunStatus } from '../../runs/run-status.js';

const RECEIPT = {
  requested_at: '2026-11-24T09:00:00.123Z',
  requested_by: 1000006,
  reason: null,
  first_kill_at: '2026-11-24T09:00:00.125Z',
  confirmed_at: '2026-11-24T09:00:00.130Z',
  latency_ms: 7.1,
  method: 'cancelled',
  outcome: 'stopped',
  sessions_ended: [{ data_source_id: 1000002, backend_pid: 4711, ending: 'cancelled' }],
  operators: {
    finished: ['credit', 'demographics', 'Heavy users'],
    rolled_back: ['Look-alikes'],
    never_started: ['Risk band'],
  },
  last_error: null,
};

export class RunStepDto {
  @ApiProperty({ example: 'Look-alikes' }) readonly name!: string;
  @ApiProperty({ example: 'Join' }) readonly type!: string;
  @ApiProperty({ enum: ['running', 'finished', 'rolled_back', 'failed'] }) readonly status!: string;
  @ApiProperty({ format: 'date-time' }) readonly started_at!: string;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly ended_at!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Rows stored; null when none were.' })
  readonly row_count!: number | null;
  @ApiProperty({
    type: Object,
    nullable: true,
    example: { schema: 'default', table: 'alp1000006_1000004_join_0', kind: 'TABLE' },
  })
  readonly output!: object | null;
  @ApiProperty({ type: [String], description: 'The SQL that was sent.' })
  readonly statements!: readonly string[];
  @ApiProperty({ type: Object, nullable: true, example: null }) readonly error!: object | null;
}

/** One execution of a workflow, as a list shows it. */
export class RunListItemDto {
  @ApiProperty({ format: 'uuid' }) readonly id!: string;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({ enum: RUN_STATUSES }) readonly status!: RunStatus;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Of a queued run: how many are taken before it, itself included.',
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
    type: Object,
    nullable: true,
    example: null,
    description: 'A stop that is not confirmed yet: since when, and what stands in the way.',
  })
  readonly stopping!: object | null;
  @ApiProperty({
    type: Object,
    nullable: true,
    example: RECEIPT,
    description: 'Of a confirmed stop; null when nobody asked for one, or it is not confirmed.',
  })
  readonly stop_receipt!: object | null;
  @ApiProperty({ type: Object, nullable: true, example: null }) readonly error!: object | null;
  @ApiProperty({ example: 'run' }) readonly entity_type!: 'run';
}

/** One execution of a workflow, with its operators and the receipt of its stop. */
export class RunDto extends RunListItemDto {
  @ApiProperty({
    type: Object,
    example: { '@min_lines': '7' },
    description: 'Overridden variables.',
  })
  readonly variables!: object;
  @ApiProperty({
    type: [Object],
    example: [
      {
        requested_at: '2026-11-24T09:00:00.123Z',
        requested_by: 1000006,
        reason: null,
        forced: false,
      },
    ],
    description: 'Every accepted wish to stop it, the first one first.',
  })
  readonly stop_requests!: readonly object[];
  @ApiProperty({ type: [RunStepDto] }) readonly steps!: readonly RunStepDto[];
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
