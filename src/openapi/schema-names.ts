import type { OpenAPIObject } from '@nestjs/swagger';

const REF = /"#\/components\/schemas\/(\w+?)Dto"/g;

/**
 * Calls schemas by what they are, `Workfile`, not by the class that describes them. @returns a new document
 * @throws Error when two would have the same name
 */
export function withPlainNames(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document).replace(REF, '"#/components/schemas/$1"');
  const renamed = JSON.parse(text) as OpenAPIObject;
  const schemas: NonNullable<NonNullable<OpenAPIObject['components']>['schemas']> = {};
  for (const [name, schema] of Object.entries(renamed.components?.schemas ?? {})) {
    const plain = name.replace(/Dto$/, '');
    if (plain in schemas) throw new Error(`two schemas are called ${plain}`);
    schemas[plain] = schema;
  }
  return { ...renamed, components: { ...renamed.components, schemas } };
}
