import type { OpenAPIObject } from '@nestjs/swagger';
import { type RuleName, RULES } from '../access/rule.decorator.js';
import { ERRORS } from '../common/http/api-docs.js';
import { describePathParameter } from './path-parameters.js';
import { REFUSALS } from './refusals.js';

type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']> & Record<`x-${string}`, unknown>;
export type Parameter = Exclude<NonNullable<Operation['parameters']>[number], { $ref: string }>;

export const METHODS = ['get', 'post', 'put', 'delete'] as const;

export interface Route {
  readonly path: string;
  readonly method: (typeof METHODS)[number];
  readonly operation: Operation;
}

export function routesOf(document: OpenAPIObject): Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
}

/** A handler may serve several paths; behind the first its operation is called after the place. */
export function nameTwins(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const { path, operation } of routes) {
    const { operationId = '' } = operation;
    if (seen.has(operationId))
      operation.operationId = `${operationId}${path.startsWith('/api/') ? 'InApi' : 'OutsideApi'}`;
    seen.add(operationId);
  }
}

/** Says in each operation what all routes of its kind have in common. @returns the error statuses it may answer */
export function completeOperation({ path, method, operation }: Route): readonly number[] {
  const rule = operation['x-rule'] as RuleName;
  operation.description = [operation.description, `**Who may:** ${RULES[rule]}`].join('\n\n');
  if (rule === 'anyone') operation.security = [];
  for (const parameter of (operation.parameters ?? []) as Parameter[])
    if (parameter.in === 'path') describePathParameter(path, parameter);
    else giveType(parameter);
  // Added to routes that declare no success because they have none.
  const { 200: success } = operation.responses;
  if (success !== undefined && !('$ref' in success) && !success.description)
    delete operation.responses['200'];
  const statuses = errorsOf(operation, method);
  for (const status of statuses)
    operation.responses[status] ??= {
      $ref: `#/components/responses/${REFUSALS[status]?.name ?? ''}`,
    };
  return statuses;
}

/** What a route declares, and what those before it add: body parsers, the check for foreign pages, the database. */
function errorsOf(operation: Operation, method: string): readonly number[] {
  const declared = (operation[ERRORS] as number[] | undefined) ?? [];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- only of use while the document is made
  delete operation[ERRORS];
  const isGuarded = declared.length > 0;
  return [
    ...declared,
    ...(operation.requestBody ? [400, 413] : []),
    ...(isGuarded && method !== 'get' ? [403] : []),
    ...(isGuarded ? [503] : []),
  ];
}

/** Query parameters are read as texts; what an example shows otherwise is taken for its type. */
function giveType(parameter: Parameter): void {
  const schema = (parameter.schema ?? {}) as Record<string, unknown>;
  parameter.schema = schema;
  if ('type' in schema || 'enum' in schema || 'oneOf' in schema || '$ref' in schema) return;
  const { example } = schema;
  schema['type'] =
    typeof example === 'number' ? 'integer' : typeof example === 'boolean' ? 'boolean' : 'string';
}
