import type { MultipartFile } from '@fastify/multipart';
import { finished } from 'node:stream/promises';

/** A file of a multipart form, in the place of its field. */
export class UploadedFile {
  constructor(
    /** As the client named it, without folders. */
    readonly fileName: string,
    /** Null when it is larger than `limitBytes`. */
    readonly contents: Buffer | null,
    readonly limitBytes: number,
  ) {}
}

/** Keeps a file of a form if it is within the limit. */
export async function readUpload(part: MultipartFile, limitBytes: number): Promise<UploadedFile> {
  const name = part.filename.split(/[\\/]/).at(-1) ?? '';
  return new UploadedFile(name, await readBytes(part, limitBytes), limitBytes);
}

/** Reads a part of a form to its end, so that the answer can be sent; null when it is larger than the limit. */
export async function readBytes(
  { file }: MultipartFile,
  limitBytes: number,
): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  file.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
  });
  await finished(file);
  const isWhole = size <= limitBytes && !file.truncated;
  return isWhole ? Buffer.concat(chunks) : null;
}
