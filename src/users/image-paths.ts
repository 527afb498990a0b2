import { RecordNotFound } from '../common/errors/domain-error.js';
import type { ImageStyle } from './image-url.js';

/** Where the printed address of a picture has its owner: three groups of three digits. @throws RecordNotFound */
export function ownerOfPath(groups: readonly string[]): number {
  if (!groups.every((group) => /^\d{3}$/.test(group))) throw new RecordNotFound();
  return Number(groups.join(''));
}

/** @throws RecordNotFound for a style that does not exist; none is the original */
export function styleOf(style: unknown): ImageStyle {
  if (style === undefined || style === '' || style === 'original') return 'original';
  if (style === 'icon') return 'icon';
  throw new RecordNotFound();
}
