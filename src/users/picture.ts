import sharp from 'sharp';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { UploadedFile } from '../common/http/uploaded-file.js';

/** chorus-api.md 7, 8.7; the setting for all uploads may be lower. */
const MAX_BYTES = 5 * 1024 * 1024;
const ICON_PIXELS = 50;
// A small file can unfold to an image that fills the memory.
const MAX_PIXELS = 50_000_000;
const MAX_NAME = 255;
// What browsers show and cannot be a program, as SVG can.
const FORMATS = ['png', 'jpeg', 'gif', 'webp'] as const;

/** An image that may be stored. */
export interface Picture {
  readonly fileName: string;
  readonly contentType: string;
  readonly original: Buffer;
  /** Fits 50x50, in the same format. */
  readonly icon: Buffer;
}

/**
 * The first file among `files[]` of a form. What it is, is read from its bytes: names and declared types may say anything.
 * @throws ValidationFailed when there is none, it is too large, or no image
 */
export async function readPicture(body: unknown): Promise<Picture> {
  const upload = firstFile(body);
  if (upload === undefined) throw new ValidationFailed({ image: { BLANK: {} } });
  const limitBytes = Math.min(MAX_BYTES, upload.limitBytes);
  const { contents } = upload;
  if (contents === null || contents.length > limitBytes)
    throw new ValidationFailed({
      image_file_size: {
        LESS_THAN: { message: 'file_size_exceeded', count: `${limitBytes} Bytes` },
      },
    });
  try {
    const image = sharp(contents, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
    const format = FORMATS.find((one) => one === formatOf(contents));
    if (format === undefined) throw new Error('not an image that browsers show');
    const icon = await image
      .autoOrient()
      .resize(ICON_PIXELS, ICON_PIXELS, { fit: 'inside', withoutEnlargement: true })
      .toFormat(format)
      .toBuffer();
    return {
      fileName: nameFor(upload.fileName, format),
      contentType: `image/${format}`,
      original: contents,
      icon,
    };
  } catch {
    throw new ValidationFailed({ image_content_type: { INVALID: {} } });
  }
}

function firstFile(body: unknown): UploadedFile | undefined {
  const { files } = (body ?? {}) as { files?: unknown };
  const all: unknown[] = Array.isArray(files) ? files : [files];
  return all.find((one) => one instanceof UploadedFile);
}

/** By its first bytes, so that no decoder but these four ever sees an upload. */
function formatOf(bytes: Buffer): string | null {
  const begins = (text: string, at = 0) => bytes.toString('latin1', at, at + text.length) === text;
  if (begins('\x89PNG\r\n\x1a\n')) return 'png';
  if (begins('\xff\xd8\xff')) return 'jpeg';
  if (begins('GIF87a') || begins('GIF89a')) return 'gif';
  return begins('RIFF') && begins('WEBP', 8) ? 'webp' : null;
}

/** It becomes the last part of an address, so it must be one that no client takes for a folder. */
function nameFor(given: string, format: string): string {
  const name = given.replace(/[\x00-\x1f\x7f]/g, '').trim();
  return /^\.*$/.test(name) ? `image.${format}` : [...name].slice(-MAX_NAME).join('');
}
