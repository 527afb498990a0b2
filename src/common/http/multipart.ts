import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseForm } from './form.js';
import { readUpload } from './uploaded-file.js';
import { assertStorable } from './wire-text.js';

export interface MultipartLimits {
  /** Of one text field. */
  readonly bodyBytes: number;
  /** Of one file. */
  readonly uploadBytes: number;
}

/** Multipart forms as bodies like any other: bracketed names become objects, files `UploadedFile`s. */
export async function addMultipart(
  fastify: FastifyInstance,
  limits: MultipartLimits,
): Promise<void> {
  await fastify.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: limits.uploadBytes, fieldSize: limits.bodyBytes, fields: 1000, files: 10 },
  });
  fastify.addHook('preValidation', async (request) => {
    if (!request.isMultipart()) return;
    // Where no file is wanted its bytes are read and let go.
    const { takesFiles } = request.routeOptions.config as { takesFiles?: boolean };
    const fields = await readParts(request, takesFiles === true ? limits.uploadBytes : null);
    request.body = nested(fields);
  });
}

/** @param uploadBytes null drops files */
async function readParts(
  request: FastifyRequest,
  uploadBytes: number | null,
): Promise<Map<string, unknown[]>> {
  const fields = new Map<string, unknown[]>();
  try {
    for await (const part of request.parts()) {
      const value = part.type === 'file' ? await readUpload(part, uploadBytes ?? 0) : part.value;
      assertText([part.fieldname, value]);
      if (part.type === 'file' && uploadBytes === null) continue;
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
