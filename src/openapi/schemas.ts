type Json = Record<string, unknown>;

/** Keywords whose value is data, not schemas. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const']);
const SHAPES = [
  ...['properties', 'additionalProperties', 'maxProperties', 'oneOf', 'anyOf', 'allOf', '$ref'],
];

/**
 * Puts schemas into the words of JSON Schema 2020-12, in place:
 * a number is an integer unless it has a `format`, `example` is `examples`, and an object of which nothing is said may have
 * any properties.
 */
export function modernize(schema: unknown): void {
  if (Array.isArray(schema)) schema.forEach(modernize);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  const node = schema as Json;
  if (hasType(node, 'number') && node['format'] === undefined)
    replaceType(node, 'number', 'integer');
  if (hasType(node, 'object') && !SHAPES.some((key) => key in node))
    node['additionalProperties'] = true;
  if ('example' in node && isSchema(node)) {
    node['examples'] = [node['example']];
    delete node['example'];
  }
  for (const [key, value] of Object.entries(node))
    if (key === 'properties') Object.values(value as Json).forEach(modernize);
    else if (!DATA.has(key)) modernize(value);
}

/** A media type has an `example` of its own, beside its schema. */
function isSchema(node: Json): boolean {
  return !('schema' in node);
}

function hasType({ type }: Json, name: string): boolean {
  return type === name || (Array.isArray(type) && type.includes(name));
}

function replaceType(node: Json, from: string, to: string): void {
  const { type } = node;
  node['type'] = Array.isArray(type) ? type.map((one: unknown) => (one === from ? to : one)) : to;
}
