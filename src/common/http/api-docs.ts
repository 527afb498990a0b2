import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';

/** What each error status looks like here (chorus-api.md 3). */
const ERRORS: Readonly<Record<number, { description: string; example: object }>> = {
  400: {
    description: 'The body cannot be read',
    example: { errors: { message: 'The body is not valid JSON.' } },
  },
  401: { description: 'Not logged in, or the session has expired', example: {} },
  403: { description: 'Not allowed', example: { errors: { model_data: {} } } },
  404: { description: 'No such record', example: { errors: { record: 'NOT_FOUND' } } },
  413: {
    description:
      'The body, or a text field of it, is larger than `BODY_LIMIT_BYTES`; files have limits of their own',
    example: { errors: { message: 'Request body is too large' } },
  },
  422: {
    description: 'Refused; nothing was changed',
    example: { errors: { fields: { base: { NOT_RUNNABLE: {} } } } },
  },
  429: {
    description: 'Too many failed logins; see Retry-After',
    example: { errors: { message: 'Too many failed logins. Try again in 900 seconds.' } },
  },
  503: {
    description: 'Something this needs is not there',
    example: { errors: { message: 'No LDAP directory is configured.' } },
  },
};

/** Documents `{"response": <dto>}`. */
export function ApiEnvelope(status: number, dto: Type): MethodDecorator {
  const schema = { type: 'object', properties: { response: { $ref: getSchemaPath(dto) } } };
  return applyDecorators(ApiExtraModels(dto), ApiResponse({ status, schema, description: 'Done' }));
}

/** Documents `{"response": [<dto>]}`. */
export function ApiEnvelopeList(status: number, dto: Type): MethodDecorator {
  const items = { type: 'array', items: { $ref: getSchemaPath(dto) } };
  const schema = { type: 'object', properties: { response: items } };
  return applyDecorators(ApiExtraModels(dto), ApiResponse({ status, schema, description: 'Done' }));
}

/** Documents a paginated list of a DTO, with its parameters. */
export function ApiPage(dto: Type): MethodDecorator {
  const schema = {
    type: 'object',
    properties: {
      response: { type: 'array', items: { $ref: getSchemaPath(dto) } },
      pagination: { type: 'object', example: { page: 1, per_page: 50, records: 123, total: 3 } },
    },
  };
  return applyDecorators(
    ApiExtraModels(dto),
    ApiQuery({ name: 'page', required: false, example: 1 }),
    ApiQuery({ name: 'per_page', required: false, example: 50, description: 'At most 1000.' }),
    ApiResponse({ status: 200, schema, description: 'Done' }),
  );
}

export function ApiErrors(...statuses: readonly number[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) => {
      const { description = '', example = {} } = ERRORS[status] ?? {};
      return ApiResponse({ status, description, schema: { type: 'object', example } });
    }),
  );
}

/** Documents bytes as an answer. */
export function ApiBytes(description: string): MethodDecorator {
  const content = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  return ApiResponse({ status: 200, description, content });
}

/** Documents a body that may be sent in any of the forms that routes take; its attributes also in a wrapper. */
export function ApiAttributes(body: Type, wrapper: string | null): MethodDecorator {
  const attributes = { $ref: getSchemaPath(body) };
  const wrapped = wrapper !== null && {
    type: 'object',
    required: [wrapper],
    properties: { [wrapper]: attributes },
  };
  return applyDecorators(
    ApiExtraModels(body),
    ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'),
    ApiBody({
      description: wrapper === null ? '' : `Attributes in \`${wrapper}[…]\`, or flat.`,
      schema: wrapped === false ? attributes : { oneOf: [wrapped, attributes] },
    }),
  );
}
