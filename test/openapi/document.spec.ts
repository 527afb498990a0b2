import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { readFileSync } from 'node:fs';
import { type Parameter, type Route, routesOf } from '../../src/openapi/operations.js';
import { committedForm, plannedDocument } from '../support/openapi.js';

describe('the OpenAPI document', () => {
  let document: OpenAPIObject;
  let routes: Route[];
  beforeAll(async () => {
    document = await plannedDocument();
    routes = routesOf(document);
  });

  /** Those of which something is not as it should be. */
  const failing = (isPoor: (route: Route) => boolean): string[] =>
    routes.filter(isPoor).map(({ method, path }) => `${method} ${path}`);

  it('is committed as the routes are; else `npm run openapi:update`', () => {
    expect(committedForm(document)).toBe(readFileSync('openapi.json', 'utf8'));
  });

  it('is OpenAPI 3.1, and says where it is served', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([expect.objectContaining({ url: '/' })]);
  });

  it('describes every route in words, under a known tag', () => {
    const tags = new Set(document.tags?.map(({ name }) => name));
    expect(document.tags?.every(({ description }) => description)).toBe(true);
    expect(routes.length).toBeGreaterThan(100);
    expect(
      failing(
        ({ operation }) =>
          !operation.summary ||
          !operation.description ||
          operation.tags?.length !== 1 ||
          !tags.has(operation.tags[0] ?? ''),
      ),
    ).toEqual([]);
  });

  it('gives every route a readable name of its own', () => {
    const names = routes.map(({ operation }) => operation.operationId ?? '');
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['logIn', 'listWorkspaces', 'runWorkfile', 'stopWorkfile', 'showRun']),
    );
  });

  it('describes every parameter, with its type', () => {
    const poor = routes.flatMap(({ path, operation }) =>
      ((operation.parameters ?? []) as Parameter[])
        .filter(({ description, schema }) => {
          const { type, enum: choices } = (schema ?? {}) as { type?: string; enum?: unknown };
          return !description || (type === undefined && choices === undefined);
        })
        .map(({ name }) => `${path} ${name}`),
    );
    expect(poor).toEqual([]);
  });

  it('describes every body and every answer with its schema', () => {
    const untyped = (content: object | undefined) =>
      Object.values(content ?? {}).some(({ schema }) => schema === undefined);
    expect(
      failing(({ operation: { requestBody, responses } }) =>
        [requestBody, ...Object.values(responses)].some((one) =>
          untyped((one as { content?: object } | undefined)?.content),
        ),
      ),
    ).toEqual([]);
    expect(
      failing(({ operation: { responses } }) =>
        Object.values(responses).some(
          (one) => one === undefined || (!('$ref' in one) && !one.description),
        ),
      ),
    ).toEqual([]);
  });

  it('asks for a login everywhere but where anybody may call, and says who may', () => {
    expect(document.security).toEqual([{ cookie: [] }, { token: [] }, { session_id: [] }]);
    expect(
      failing(({ operation }) => !(operation.description ?? '').includes('**Who may:** ')),
    ).toEqual([]);
    const open = routes.filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ operation }) => operation.operationId).sort()).toEqual([
      ...['logIn', 'logOut', 'showLiveness', 'showReadiness', 'showServerStatus'],
      ...['showServerVersion', 'showSession'],
    ]);
    expect(
      failing(({ operation }) => !operation.security && operation.responses['401'] === undefined),
    ).toEqual([]);
  });
});
