import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Stopped } from '../source-stops.js';

/** A run, or an ad-hoc SQL text or preview, that was stopped because of the request. */
export class StoppedDto {
  @ApiProperty({ required: false, format: 'uuid', description: 'Of a run: `GET /api/runs/:id`.' })
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

/** Documents an answer that says what was stopped. @param dto null: a body without `response` */
export function ApiStopping(status: number, dto: Type | null): MethodDecorator {
  const stopped = {
    type: 'array',
    items: { $ref: getSchemaPath(StoppedDto) },
    description: 'What ran there and was stopped; absent when nothing did.',
  };
  const properties = dto === null ? {} : { response: { $ref: getSchemaPath(dto) } };
  return applyDecorators(
    ApiExtraModels(StoppedDto, ...(dto === null ? [] : [dto])),
    ApiResponse({
      status,
      description: 'Done',
      schema: {
        type: 'object',
        ...(dto !== null && { required: ['response'] }),
        properties: { ...properties, stopped },
      },
    }),
  );
}

/** `{}` or `{"stopped": […]}` to put beside, or in place of, a response. */
export function withStopped(stopped: readonly Stopped[]): {
  readonly stopped?: readonly Stopped[];
} {
  return stopped.length > 0 ? { stopped } : {};
}
