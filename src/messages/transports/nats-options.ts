import type { NatsOptions } from '@nestjs/microservices';
import type { MessageTls } from '../../config/messages-config.js';
import { readTls } from './tls-files.js';

const PAUSE_MS = 1000;

/** Where the broker is, and how it is tried again for ever. The login of the address becomes the client's. */
export function natsOptionsOf(url: string, tls: MessageTls): NonNullable<NatsOptions['options']> {
  const { protocol, host, username, password } = new URL(url);
  const user = decodeURIComponent(username);
  return {
    servers: [host],
    name: 'fermata',
    // All processes of Fermata together: each message goes to one of them.
    queue: 'fermata',
    ...(protocol === 'tls:' && { tls: readTls(tls) }),
    ...(user !== '' && password === '' && { token: user }),
    ...(password !== '' && { user, pass: decodeURIComponent(password) }),
    timeout: 5000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: PAUSE_MS,
    // A broker whose users are being changed refuses for a while.
    ignoreAuthErrorAbort: true,
    // Finds a connection that is open and dead.
    pingInterval: 10_000,
    maxPingOut: 2,
  };
}
