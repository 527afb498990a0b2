import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { finished } from 'node:stream/promises';
import qs from 'qs';

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
export async function addBodyParsers(fastify: FastifyInstance, limitBytes: number): Promise<void> {
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
    limits: { fileSize: limitBytes, fieldSize: limitBytes, fields: 1000, files: 10 },
    // No route here takes a file yet; its bytes are read and let go.
    onFile: async ({ file }) => {
      await finished(file.resume());
    },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The body is not valid JSON.');
  }
}
