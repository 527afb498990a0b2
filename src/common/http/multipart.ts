import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseForm } from './form.js';
import { spoolUpload } from './spooled-file.js';
import { readUpload } from './uploaded-file.js';
import { assertStorable } from './wire-text.js';

export interface MultipartLimits {
  /** Of one text field. */
  readonly bodyBytes: number;
  /** Of one file that is taken into memory. */
  readonly uploadBytes: number;
  /** Of one file that is spooled. */
  readonly spoolBytes: number;
}

/** What a route does with files: by default their bytes are read and let go. */
interface RouteFiles {
  /** `UploadedFile`s, in memory. */
  readonly takesFiles?: boolean;
  /** `SpooledFile`s. */
  readonly spoolsFiles?: boolean;
}

/** Multipart forms as bodies like any other: bracketed names become objects, files `UploadedFile`s or `SpooledFile`s. */
export async function addMultipart(
  fastify: FastifyInstance,
  limits: MultipartLimits,
): Promise<void> {
  await fastify.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      fileSize: Math.max(limits.uploadBytes, limits.spoolBytes),
      fieldSize: limits.bodyBytes,
      fields: 1000,
      files: 10,
    },
  });
  fastify.addHook('preValidation', async (request, reply) => {
    if (request.isMultipart()) request.body = nested(await readParts(request, reply, limits));
  });
}

async function readParts(
  request: FastifyRequest,
  reply: FastifyReply,
  limits: MultipartLimits,
): Promise<Map<string, unknown[]>> {
  const fields = new Map<string, unknown[]>();
  const { takesFiles, spoolsFiles } = request.routeOptions.config as RouteFiles;
  const keep = async (part: MultipartFile) => {
    if (spoolsFiles !== true) return readUpload(part, takesFiles === true ? limits.uploadBytes : 0);
    const spooled = await spoolUpload(part, limits.spoolBytes);
    reply.raw.once('close', () => void spooled.close());
    return spooled;
  };
  try {
    for await (const part of request.parts()) {
      const value = part.type === 'file' ? await keep(part) : part.value;
      assertText([part.fieldname, value]);
      if (part.type === 'field' && part.valueTruncated) throw new FieldTooLarge(part.fieldname);
      if (part.type === 'file' && takesFiles !== true && spoolsFiles !== true) continue;
      fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), value]);
    }
    return fields;
  } catch (error) {
    // The parser's own errors about what was sent carry no status.
    throw Object.assign(error as Error, {
      statusCode: (error as { statusCode?: number }).statusCode ?? 400,
    });
  }
}

/** The parser cuts such a field off: what is left would pass for the whole. */
class FieldTooLarge extends Error {
  readonly statusCode = 413;

  constructor(name: string) {
    super(`The field ${name} is too large; send it as a file.`);
  }
}

/** The parser replaces bytes that are not UTF-8, so that the replacement tells of them. */
function assertText(texts: readonly unknown[]): void {
  const strings = texts.filter((one) => typeof one === 'string');
  assertStorable(strings);
  if (strings.some((one) => one.includes('\uFFFD'))) throw new Error('The form is not UTF-8.');
}

/** Bracketed names become objects, as in other forms; a name that comes twice is a list. */
function nested(fields: ReadonlyMap<string, readonly unknown[]>): Record<string, unknown> {
  const values = [...fields.values()].flat();
  let place = 0;
  const places = [...fields].flatMap(([name, all]) =>
    all.map(() => `${encodeURIComponent(name)}=${place++}`),
  );
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return values[Number(value)];
    if (Array.isArray(value)) return value.map(fill);
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, inner]) => [key, fill(inner)]));
  };
  return fill(parseForm(places.join('&'))) as Record<string, unknown>;
}
