import { type INestApplication, Logger } from '@nestjs/common';
import { MESSAGE_SERVER, type MessageServer } from './message-server.js';

const LOOPBACK = /^(localhost|127\.|\[?::1)/;

/** Connects the transport that is configured, if any; it listens with `startMessages`. */
export function connectMessages(app: INestApplication): void {
  const server = app.get<MessageServer | null>(MESSAGE_SERVER);
  if (server !== null) app.connectMicroservice({ strategy: server });
}

/**
 * Listens for messages once all else is ready; a broker that is away is waited for behind it.
 * @returns where, or null when messages are off
 * @throws StartupError when the address cannot be listened on
 */
export async function startMessages(app: INestApplication): Promise<string | null> {
  const server = app.get<MessageServer | null>(MESSAGE_SERVER);
  if (server === null) return null;
  await app.init();
  await app.startAllMicroservices();
  const { address } = server;
  const logger = new Logger('Messages');
  logger.log({ message: 'messages are taken', address });
  if (isOpenInClear(address))
    logger.warn(`${address} takes session ids in clear text: set MICROSERVICE_TLS_CERT and _KEY`);
  return address;
}

function isOpenInClear(address: string): boolean {
  const [scheme, place = ''] = address.split('://');
  return scheme === 'tcp' && !LOOPBACK.test(place);
}
