import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** What each error status looks like here (chorus-api.md 3). */
const ERRORS: Readonly<Record<number, { description: string; example: object }>> = {
  400: {
    description: 'The body cannot be read',
    example: { errors: { message: 'The body is not valid JSON.' } },
  },
  401: { description: 'Not logged in, or the session has expired', example: {} },
  403: { description: 'Not allowed', example: { errors: { model_data: {} } } },
  404: { description: 'No such record', example: { errors: { record: 'NOT_FOUND' } } },
  422: {
    description: 'Refused; nothing was changed',
    example: { errors: { fields: { base: { NOT_RUNNABLE: {} } } } },
  },
  429: {
    description: 'Too many failed logins; see Retry-After',
    example: { errors: { message: 'Too many failed logins. Try again in 900 seconds.' } },
  },
};

/** Documents `{"response": <dto>}`. */
export function ApiEnvelope(status: number, dto: Type): MethodDecorator {
  const schema = { type: 'object', properties: { response: { $ref: getSchemaPath(dto) } } };
  return applyDecorators(ApiExtraModels(dto), ApiResponse({ status, schema, description: 'Done' }));
}

export function ApiErrors(...statuses: readonly number[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) => {
      const { description = '', example = {} } = ERRORS[status] ?? {};
      return ApiResponse({ status, description, schema: { type: 'object', example } });
    }),
  );
}
