import type { FastifyInstance } from 'fastify';
import { isUnreadable, parseForm } from './form.js';
import { parseJson } from './json.js';
import { addMultipart, type MultipartLimits } from './multipart.js';
import { decodeUtf8 } from './wire-text.js';

const MEDIA_TYPE = /^\s*[\w.+-]+\/[\w.+*-]+/;

/**
 * Takes every body that documented clients send: forms, JSON, multipart, and bodies without or with an odd type, which
 * the reference client leaves over from its previous call. An empty body is none, whatever its type says. What cannot be
 * read, or no column could hold, is refused with 400.
 */
export async function addBodyParsers(
  fastify: FastifyInstance,
  limits: MultipartLimits,
): Promise<void> {
  fastify.removeAllContentTypeParsers();
  const add = (type: string, parse: (text: string) => unknown) => {
    fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => {
      try {
        const text = decodeUtf8(body as Buffer);
        done(null, text.trim() === '' ? undefined : parse(text));
      } catch (error) {
        done(unreadable((error as Error).message));
      }
    });
  };
  add('application/json', (text) => (isForm(text) ? parseForm : parseJson)(text));
  add('application/x-www-form-urlencoded', (text) => (isJson(text) ? parseJson : parseForm)(text));
  add('*', (text) => (/^\s*[{[]/.test(text) ? parseJson(text) : parseForm(text)));
  await addMultipart(fastify, limits);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    // Fastify would refuse it; the body shows what it is.
    if (!MEDIA_TYPE.test(headers['content-type'] ?? 'a/b')) headers['content-type'] = 'text/plain';
    if (isUnreadable(request.query)) done(unreadable('The query string cannot be read.'));
    else done();
  });
}

/** JSON that comes with the type of an earlier form (client-expectations.md 0). No documented form begins like this. */
function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A form that comes with the type of an earlier call, `name=value`: no JSON has `=` but in a text or within brackets. */
function isForm(text: string): boolean {
  return /^\s*[^\s{}[\]"=&][^\s{}"=&]*=/.test(text);
}

function unreadable(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}
