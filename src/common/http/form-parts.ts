import type { Multipart, MultipartFile, MultipartValue } from '@fastify/multipart';
import { parseJson } from './json.js';
import { type SpooledFile, spoolUpload } from './spooled-file.js';
import { readBytes, readUpload, type UploadedFile } from './uploaded-file.js';
import { assertStorable, decodeUtf8 } from './wire-text.js';

export interface FormLimits {
  /** Of all fields together, their names included. */
  readonly textBytes: number;
  /** Number of files. */
  readonly files: number;
  /** Of all files together. */
  readonly fileBytes: number;
  /** Where they are kept; `none`: their bytes are read and let go. */
  readonly fileUse: 'memory' | 'disk' | 'none';
}

/** JSON comes as a stream, as files do: the form's parser would read it without our checks. */
export function comesAsStream(
  _name: string | undefined,
  type: string | undefined,
  fileName: string | undefined,
): boolean {
  return fileName !== undefined || type?.startsWith('application/json') === true;
}

/** Reads the parts of one form, one after the other, and keeps no more of all of them than the limits say. */
export class FormParts {
  private textBytes = 0;
  private fileBytes = 0;
  private files = 0;

  constructor(private readonly limits: FormLimits) {}

  /** Its value; undefined for a file that is let go. @throws FormTooLarge; Error when it cannot be read */
  async read(part: Multipart): Promise<unknown> {
    const name = part.fieldname as string | undefined;
    if (name === undefined) throw new Error('A part of the form has no name.');
    assertText(name);
    this.addText(name);
    if (part.type === 'field') return this.text(part);
    return isJson(part) ? this.json(part) : this.file(part);
  }

  private text({ value, valueTruncated }: MultipartValue): string {
    if (valueTruncated) throw tooLong(this.limits.textBytes);
    assertText(value as string);
    this.addText(value as string);
    return value as string;
  }

  private async json(part: MultipartFile): Promise<unknown> {
    const bytes = await readBytes(part, this.limits.textBytes - this.textBytes);
    if (bytes === null) throw tooLong(this.limits.textBytes);
    this.textBytes += bytes.length;
    return parseJson(decodeUtf8(bytes));
  }

  private async file(part: MultipartFile): Promise<UploadedFile | SpooledFile | undefined> {
    this.addText(part.filename);
    this.files += 1;
    if (this.files > this.limits.files)
      throw new FormTooLarge(`The form has more than ${this.limits.files} files.`);
    if (this.limits.fileUse === 'none') {
      await readBytes(part, 0);
      return undefined;
    }
    const read = this.limits.fileUse === 'disk' ? spoolUpload : readUpload;
    const upload = await read(part, this.limits.fileBytes - this.fileBytes);
    const { contents } = upload;
    // Alone it is the route's to refuse, in the words of its own.
    if (contents === null && this.fileBytes > 0)
      throw new FormTooLarge(`The files are larger than ${this.limits.fileBytes} bytes together.`);
    if (contents !== null)
      this.fileBytes += 'sizeBytes' in contents ? contents.sizeBytes : contents.length;
    return upload;
  }

  private addText(text: string): void {
    this.textBytes += Buffer.byteLength(text);
    if (this.textBytes > this.limits.textBytes) throw tooLong(this.limits.textBytes);
  }
}

/** Answered with 413. */
export class FormTooLarge extends Error {
  readonly statusCode = 413;
}

function tooLong(bytes: number): FormTooLarge {
  return new FormTooLarge(
    `The fields are larger than ${bytes} bytes together; send a long one as a file.`,
  );
}

function isJson({ filename }: MultipartFile): boolean {
  // A file has one; see `comesAsStream`.
  return (filename as string | undefined) === undefined;
}

/** The parser replaces bytes that are not UTF-8, so that the replacement tells of them. */
function assertText(text: string): void {
  assertStorable(text);
  if (text.includes('\uFFFD')) throw new Error('The form is not UTF-8.');
}
