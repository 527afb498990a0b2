import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiQuery,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { ImageDto } from './dto/image.dto.js';

/** Documents an answer that is a picture. */
export function ApiImageBytes(): MethodDecorator {
  const binary = { schema: { type: 'string', format: 'binary' } };
  return applyDecorators(
    ApiQuery({ name: 'style', required: false, enum: ['original', 'icon'] }),
    ApiResponse({
      status: 200,
      description: 'The bytes, with their own type',
      content: {
        'image/png': binary,
        'image/jpeg': binary,
        'image/gif': binary,
        'image/webp': binary,
      },
    }),
  );
}

/** Documents the upload of a picture. */
export function ApiImageUpload(): MethodDecorator {
  const files = {
    type: 'array',
    items: { type: 'string', format: 'binary' },
    description: 'PNG, JPEG, GIF or WebP of at most 5 MB; the first file counts.',
  };
  const schema = { type: 'object', properties: { response: { $ref: getSchemaPath(ImageDto) } } };
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
