import { readFileSync } from 'node:fs';
import { StartupError } from '../../common/errors/startup-error.js';
import type { MessageTls } from '../../config/messages-config.js';

export interface TlsTexts {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** The PEM files that are set. @throws StartupError naming the setting of one that cannot be read */
export function readTls({ certFile, keyFile, caFile }: MessageTls): TlsTexts {
  return {
    ...(certFile !== null && { cert: read('MICROSERVICE_TLS_CERT', certFile) }),
    ...(keyFile !== null && { key: read('MICROSERVICE_TLS_KEY', keyFile) }),
    ...(caFile !== null && { ca: read('MICROSERVICE_TLS_CA', caFile) }),
  };
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartupError(`${name} cannot be read: ${(error as Error).message}`);
  }
}
