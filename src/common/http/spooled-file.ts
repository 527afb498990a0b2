import type { MultipartFile } from '@fastify/multipart';
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Up to here a file stays in memory. */
const MEMORY_BYTES = 1_048_576;

/** Bytes that are read piece by piece, so that their size is no matter of memory. */
export interface Bytes {
  readonly sizeBytes: number;
  /** Shorter than asked for at the end. */
  read(from: number, length: number): Promise<Buffer>;
}

export class MemoryBytes implements Bytes {
  constructor(private readonly buffer: Buffer) {}

  get sizeBytes(): number {
    return this.buffer.length;
  }

  read(from: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.buffer.subarray(from, from + length));
  }
}

/** A file of a multipart form that may be large, in the place of its field. Its route says `spoolsFiles`. */
export class SpooledFile {
  constructor(
    /** As the client named it, without folders. */
    readonly fileName: string,
    /** Null when it is larger than `limitBytes`. */
    readonly contents: Bytes | null,
    readonly limitBytes: number,
    readonly close: () => Promise<void>,
  ) {}
}

/**
 * Reads a file of a form to its end, so that the answer can be sent; a large one goes to the disk. The temporary file has
 * no name any more once it is open: nothing is left of it, however the process ends.
 */
export async function spoolUpload(
  { file, filename }: MultipartFile,
  limitBytes: number,
): Promise<SpooledFile> {
  const start: Buffer[] = [];
  let sizeBytes = 0;
  let handle: FileHandle | null = null;
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) continue;
      if (handle === null && sizeBytes > MEMORY_BYTES) {
        handle = await openNameless();
        await handle.appendFile(Buffer.concat(start));
        start.length = 0;
      }
      if (handle === null) start.push(chunk);
      else await handle.appendFile(chunk);
    }
  } catch (error) {
    await handle?.close();
    throw error;
  }
  const name = filename.split(/[\\/]/).at(-1) ?? '';
  const close = async () => {
    await handle?.close();
    handle = null;
  };
  if (sizeBytes > limitBytes || file.truncated) {
    await close();
    return new SpooledFile(name, null, limitBytes, close);
  }
  const contents =
    handle === null ? new MemoryBytes(Buffer.concat(start)) : new DiskBytes(handle, sizeBytes);
  return new SpooledFile(name, contents, limitBytes, close);
}

class DiskBytes implements Bytes {
  constructor(
    private readonly handle: FileHandle,
    readonly sizeBytes: number,
  ) {}

  async read(from: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.sizeBytes - from)));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.handle.read(
        buffer,
        filled,
        buffer.length - filled,
        from + filled,
      );
      if (bytesRead === 0) throw new Error('a spooled file is shorter than it was');
      filled += bytesRead;
    }
    return buffer;
  }
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `fermata-upload-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}
