import { StartupError } from '../common/errors/startup-error.js';
import type { AppConfig } from './app-config.js';
import { loadConfig } from './load-config.js';

export interface RotationConfig {
  /** `secretKey` is the old one; null: the one that the embedded default keeps. */
  readonly config: AppConfig;
  readonly newKey: string;
}

const KEY = /^[0-9a-f]{64}$/i;

/**
 * Reads `OLD_SECRET_KEY` and `NEW_SECRET_KEY`, and where the metadata database is, from the environment.
 * @throws StartupError that names what is wrong, never a key
 */
export function loadRotation(env: Readonly<Record<string, string | undefined>>): RotationConfig {
  const newKey = env['NEW_SECRET_KEY']?.trim() ?? '';
  const oldKey = env['OLD_SECRET_KEY']?.trim() ?? '';
  if (!KEY.test(newKey))
    throw new StartupError(
      'NEW_SECRET_KEY must be 64 hexadecimal digits (make them: openssl rand -hex 32)',
    );
  if (oldKey !== '' && !KEY.test(oldKey))
    throw new StartupError('OLD_SECRET_KEY must be 64 hexadecimal digits');
  if (oldKey === '' && env['DATABASE_URL']?.trim())
    throw new StartupError('OLD_SECRET_KEY must be set when DATABASE_URL is');
  if (oldKey.toLowerCase() === newKey.toLowerCase())
    throw new StartupError('OLD_SECRET_KEY and NEW_SECRET_KEY are the same');
  const config = loadConfig({ ...env, SECRET_KEY: oldKey === '' ? undefined : oldKey });
  return { config, newKey };
}
