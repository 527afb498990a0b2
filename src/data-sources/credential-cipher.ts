import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a data source password for storage (architecture.md D10).
 * @param keyHex 32 bytes in hex
 * @param context names what the secret belongs to; a ciphertext moved elsewhere does not open
 * @returns `v1:<base64 iv>:<base64 ciphertext and tag>`
 */
export function encryptSecret(plain: string, keyHex: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, Buffer.from(keyHex, 'hex'), iv);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, iv.toString('base64'), sealed.toString('base64')].join(':');
}

/** @throws Error when key, context or text is not the one it was encrypted with */
export function decryptSecret(stored: string, keyHex: string, context: string): string {
  const [version, iv, sealed] = stored.split(':');
  if (version !== VERSION || iv === undefined || sealed === undefined)
    throw new Error('not an encrypted secret of a known version');
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(
    ALGORITHM,
    Buffer.from(keyHex, 'hex'),
    Buffer.from(iv, 'base64'),
  );
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
