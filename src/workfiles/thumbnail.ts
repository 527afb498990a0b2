import sharp from 'sharp';
import type { Bytes } from '../common/http/spooled-file.js';
import { renderSvg } from './svg-picture.js';

const SIDE = 50;
/** Larger pictures are not decoded: they get no icon. */
const MAX_BYTES = 20_971_520;
const MAX_PIXELS = 100_000_000;
// No other decoder ever sees an upload.
const DECODED = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'];

/** A PNG of the picture that fits 50x50 (entities.md 3.4); null when it cannot be read as one. */
export async function thumbnail(contents: Bytes, contentType: string): Promise<Buffer | null> {
  if (contents.sizeBytes > MAX_BYTES || !DECODED.includes(contentType)) return null;
  try {
    const bytes = await contents.read(0, contents.sizeBytes);
    const picture = contentType === 'image/svg+xml' ? await renderSvg(bytes.toString()) : bytes;
    return await sharp(picture, { limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .png()
      .toBuffer();
  } catch {
    return null;
  }
}
