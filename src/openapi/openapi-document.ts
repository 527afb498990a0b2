import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { documentHead } from './document-head.js';
import { addExamples } from './examples.js';
import { completeOperation, nameTwins, routesOf } from './operations.js';
import { refusalComponents } from './refusals.js';
import { withPlainNames } from './schema-names.js';
import { modernize } from './schemas.js';

/**
 * The OpenAPI 3.1 description of all routes: what their decorators say, completed by what is the same everywhere. It does
 * not depend on settings, so that it can be compared with the committed one.
 */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, documentHead());
  const routes = routesOf(document);
  nameTwins(routes);
  const statuses = new Set(routes.flatMap(completeOperation));
  const { schemas, responses } = refusalComponents(statuses);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...(schemas as object) },
    responses,
  };
  modernize(document.components.schemas);
  modernize(document.components.responses);
  modernize(document.paths);
  const named = withPlainNames(document);
  addExamples(named);
  return named;
}
