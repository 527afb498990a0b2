import { applyDecorators, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtension,
  ApiExtraModels,
  ApiProperty,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';

/** Which part of the list an answer holds (chorus-api.md 1.3). */
class PaginationDto {
  @ApiProperty({ type: 'integer', example: 1 }) readonly page!: number;
  @ApiProperty({ type: 'integer', example: 50 }) readonly per_page!: number;
  @ApiProperty({ type: 'integer', example: 123, description: 'Objects in the whole list.' })
  readonly records!: number;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 3,
    description: 'Pages; at least 1. null when `per_page` is 0.',
  })
  readonly total!: number | null;
}

/** What an answer may have besides its status and body. */
export interface AnswerDocs {
  /** `response` may be null. */
  readonly nullable?: boolean;
  readonly description?: string;
  readonly headers?: Readonly<
    Record<string, { readonly description: string; readonly schema: object }>
  >;
}

/** Documents `{"response": <dto>}`. */
export function ApiEnvelope(status: number, dto: Type, docs: AnswerDocs = {}): MethodDecorator {
  const { nullable = false, ...others } = docs;
  const one = { $ref: getSchemaPath(dto) };
  const response = nullable ? { oneOf: [one, { type: 'null' }] } : one;
  return applyDecorators(
    ApiExtraModels(dto),
    ApiResponse({ status, description: 'Done', ...others, schema: envelope({ response }) }),
  );
}

/** Documents `{"response": [<dto>]}`. */
export function ApiEnvelopeList(
  status: number,
  dto: Type,
  docs: Pick<AnswerDocs, 'description'> = {},
): MethodDecorator {
  const response = { type: 'array', items: { $ref: getSchemaPath(dto) } };
  return applyDecorators(
    ApiExtraModels(dto),
    ApiResponse({ status, description: 'Done', ...docs, schema: envelope({ response }) }),
  );
}

/** Documents a paginated list, with its parameters. @param dtos the forms of its items */
export function ApiPage(...dtos: readonly [Type, ...Type[]]): MethodDecorator {
  const refs = dtos.map((dto) => ({ $ref: getSchemaPath(dto) }));
  const schema = envelope({
    response: { type: 'array', items: refs.length === 1 ? refs[0] : { anyOf: refs } },
    pagination: { $ref: getSchemaPath(PaginationDto) },
  });
  return applyDecorators(
    ApiExtraModels(PaginationDto, ...dtos),
    ApiQuery({
      name: 'page',
      required: false,
      description: 'Which page; behind the last one the list is empty.',
      schema: { type: 'integer', minimum: 1, default: 1 },
    }),
    ApiQuery({
      name: 'per_page',
      required: false,
      description: 'How many on a page; more than 1000 are 1000, 0 only counts.',
      schema: { type: 'integer', minimum: 0, default: 50 },
    }),
    ApiResponse({ status: 200, schema, description: 'One page' }),
  );
}

/** Documents `{}`. */
export function ApiNothing(status: number, description = 'Done'): MethodDecorator {
  return ApiResponse({
    status,
    description,
    schema: { type: 'object', maxProperties: 0, example: {} },
  });
}

/** How a route may refuse; the document has one answer for each status (src/openapi/refusals.ts). */
export function ApiErrors(...statuses: readonly number[]): MethodDecorator {
  return ApiExtension(ERRORS, statuses);
}

/** Extension of an operation while its document is being made. */
export const ERRORS = 'x-errors';

/** Documents bytes as an answer. */
export function ApiBytes(description: string, type = 'application/octet-stream'): MethodDecorator {
  const content = { [type]: { schema: { type: 'string', format: 'binary' } } };
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
      ...(wrapper !== null && { description: `Attributes flat, or in \`${wrapper}[…]\`.` }),
      schema: wrapped === false ? attributes : { anyOf: [attributes, wrapped] },
    }),
  );
}

function envelope(properties: Readonly<Record<string, object | undefined>>) {
  return { type: 'object', required: Object.keys(properties), properties } as object;
}
