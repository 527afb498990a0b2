import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseForm } from './form.js';
import { comesAsStream, type FormLimits, FormParts } from './form-parts.js';
import { SpooledFile } from './spooled-file.js';

export interface MultipartLimits {
  /** Of all text fields of a form, their names included. */
  readonly bodyBytes: number;
  /** Of all its files, when they are taken into memory. */
  readonly uploadBytes: number;
  /** Of all its files, when they are spooled. */
  readonly spoolBytes: number;
}

/** What a route does with files: by default their bytes are read and let go. */
interface RouteFiles {
  /** `UploadedFile`s, in memory. */
  readonly takesFiles?: boolean;
  /** `SpooledFile`s. */
  readonly spoolsFiles?: boolean;
}

const MOST_FILES = 10;

/** Multipart forms as bodies like any other: bracketed names become objects, files `UploadedFile`s or `SpooledFile`s. */
export async function addMultipart(
  fastify: FastifyInstance,
  limits: MultipartLimits,
): Promise<void> {
  await fastify.register(multipart, {
    throwFileSizeLimit: false,
    isPartAFile: comesAsStream,
    limits: {
      fileSize: Math.max(limits.bodyBytes, limits.uploadBytes, limits.spoolBytes),
      fieldSize: limits.bodyBytes,
      fields: 1000,
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
  const parts = new FormParts(limitsOf(request.routeOptions.config as RouteFiles, limits));
  try {
    for await (const part of request.parts()) {
      const value = await parts.read(part);
      if (value instanceof SpooledFile) reply.raw.once('close', () => void value.close());
      if (value !== undefined)
        fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), value]);
    }
    return fields;
  } catch (error) {
    letGo(request);
    // A disk that is full is no fault of what was sent.
    if ('syscall' in (error as Error)) throw error;
    // The parser's own errors about what was sent carry no status.
    throw Object.assign(error as Error, {
      statusCode: (error as { statusCode?: number }).statusCode ?? 400,
    });
  }
}

function limitsOf(
  { takesFiles, spoolsFiles }: RouteFiles,
  { bodyBytes, uploadBytes, spoolBytes }: MultipartLimits,
): FormLimits {
  const common = { textBytes: bodyBytes, files: MOST_FILES };
  if (spoolsFiles === true) return { ...common, fileUse: 'disk', fileBytes: spoolBytes };
  return { ...common, fileUse: takesFiles === true ? 'memory' : 'none', fileBytes: uploadBytes };
}

/** The parser would go on, and keep what comes. What is still to come is only read, so that the answer can be. */
function letGo({ raw }: FastifyRequest): void {
  raw.unpipe();
  raw.resume();
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
