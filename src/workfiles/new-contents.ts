import { ValidationFailed } from '../common/errors/domain-error.js';
import { type Bytes, MemoryBytes } from '../common/http/spooled-file.js';
import { type FileType, fileTypeOf } from './file-type.js';
import { BadDrawing, renderSvg } from './svg-picture.js';
import { thumbnail } from './thumbnail.js';

/** What decides the type of a file. */
const HEAD_BYTES = 131_072;

/** Contents that are about to be stored, with what is known of them. */
export interface NewContents extends FileType {
  readonly contents: Bytes;
  /** Of pictures; null where none can be made. */
  readonly icon: Buffer | null;
}

/** @param fileName decides where the bytes do not */
export async function newContents(fileName: string, contents: Bytes): Promise<NewContents> {
  const type = fileTypeOf(fileName, await contents.read(0, HEAD_BYTES));
  const isPicture = type.contentType.startsWith('image/');
  return {
    ...type,
    contents,
    icon: isPicture ? await thumbnail(contents, type.contentType) : null,
  };
}

/** @throws ValidationFailed when the text is no drawing */
export async function drawnContents(fileName: string, svg: string): Promise<NewContents> {
  try {
    return await newContents(fileName, new MemoryBytes(await renderSvg(svg)));
  } catch (error) {
    if (error instanceof BadDrawing) throw new ValidationFailed({ svg_data: { INVALID: {} } });
    throw error;
  }
}
