import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { StoppedWork } from '../../access/running-work.js';
import { StoppedDto } from '../../access/stopped-work.dto.js';

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
export function withStopped(stopped: readonly StoppedWork[]): {
  readonly stopped?: readonly StoppedWork[];
} {
  return stopped.length > 0 ? { stopped } : {};
}
