import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiParam,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ImageDto } from './dto/image.dto.js';

const STYLES = ['original', 'icon'];
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** Documents an answer that is a picture. */
export function ApiImage(...types: readonly string[]): MethodDecorator {
  const binary = { schema: { type: 'string' as const, format: 'binary' } };
  return ApiResponse({
    status: 200,
    description: 'The bytes, with their own type',
    content: Object.fromEntries(types.map((type) => [type, binary])),
  });
}

/** Documents an answer that is a picture, and the choice of its size. */
export function ApiImageBytes(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'style',
      required: false,
      enum: STYLES,
      description: '`icon` fits 50x50. Default: `original`.',
    }),
    ApiImage(...IMAGE_TYPES),
  );
}

/** Documents a picture at the address that documents print. */
export function ApiPrintedPath(): MethodDecorator {
  const description = 'Three digits of the id.';
  return applyDecorators(
    ...['a', 'b', 'c'].map((name, i) =>
      ApiParam({
        name,
        description,
        schema: { type: 'string', example: ['001', '000', '006'][i] },
      }),
    ),
    ApiParam({
      name: 'style',
      enum: STYLES,
      description: '`icon` fits 50x50.',
    }),
    ApiParam({
      name: 'fileName',
      description: 'As it was uploaded; any name is taken.',
      schema: { type: 'string', example: 'User.png' },
    }),
    ApiImage(...IMAGE_TYPES),
  );
}

/** Documents the upload of a picture. */
export function ApiImageUpload(): MethodDecorator {
  const files = {
    type: 'array',
    items: { type: 'string', format: 'binary' },
    description: 'PNG, JPEG, GIF or WebP of at most 5 MB; the first file counts.',
  };
  const schema = {
    type: 'object',
    required: ['response'],
    properties: { response: { $ref: getSchemaPath(ImageDto) } },
  };
  return applyDecorators(
    ApiExtraModels(ImageDto),
    ApiConsumes('multipart/form-data'),
    ApiBody({ schema: { type: 'object', properties: { 'files[]': files } } }),
    ApiResponse({
      status: 200,
      description: 'JSON, sent as HTML',
      content: { 'text/html': { schema } },
    }),
  );
}
