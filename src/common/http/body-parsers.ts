import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import qs from 'qs';
import { readUpload } from './uploaded-file.js';

// Enough for every documented form; more is an attack on the parser.
const QS_LIMITS = { depth: 8, arrayLimit: 1000, parameterLimit: 10_000, plainObjects: false };

/** Query strings and forms with bracketed names: `session[username]=…`, `ids[]=1` (chorus-api.md 1.2). */
export function parseForm(text: string): Record<string, unknown> {
  return qs.parse(text, QS_LIMITS);
}

/**
 * Takes every body that documented clients send: forms, JSON, multipart, and bodies without or with an odd type, which
 * the reference client leaves over from its previous call. An empty body is none, whatever its type says.
 */
export async function addBodyParsers(
  fastify: FastifyInstance,
  limits: { readonly bodyBytes: number; readonly uploadBytes: number },
): Promise<void> {
  fastify.removeAllContentTypeParsers();
  const add = (type: string, parse: (text: string) => unknown) => {
    fastify.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => {
      try {
        const text = String(body);
        done(null, text.trim() === '' ? undefined : parse(text));
      } catch (error) {
        done(Object.assign(error as Error, { statusCode: 400 }));
      }
    });
  };
  add('application/json', parseJson);
  add('application/x-www-form-urlencoded', parseForm);
  add('*', (text) => (/^\s*[{[]/.test(text) ? parseJson(text) : parseForm(text)));
  await fastify.register(multipart, {
    attachFieldsToBody: 'keyValues',
    throwFileSizeLimit: false,
    limits: { fileSize: limits.uploadBytes, fieldSize: limits.bodyBytes, fields: 1000, files: 10 },
    async onFile(part) {
      // Where no file is wanted its bytes are read and let go.
      const wanted = (this.routeOptions.config as { takesFiles?: boolean }).takesFiles === true;
      const file = await readUpload(part, wanted ? limits.uploadBytes : 0);
      if (wanted) Object.assign(part, { value: file });
    },
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.isMultipart()) request.body = nested(request.body as Record<string, unknown>);
    done();
  });
}

/** Bracketed names of a multipart form become objects, as in other forms. */
function nested(fields: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(fields);
  const places = names.map((name, i) => `${encodeURIComponent(name)}=${i}`).join('&');
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return fields[names[Number(value)] ?? ''];
    if (Array.isArray(value)) return value.map(fill);
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(parseForm(places)) as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not valid JSON.');
  }
}
