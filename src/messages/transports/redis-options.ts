import type { RedisOptions } from 'ioredis';
import { REDIS_OPTIONS } from '../../queue/redis-options.js';
import type { MessageTls } from '../../config/messages-config.js';
import { readTls } from './tls-files.js';

/** Where the broker is. Connections are tried again for ever; a command that is not answered in time fails. */
export function redisOptionsOf(url: string, tls: MessageTls): RedisOptions {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    ...REDIS_OPTIONS,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(pathname.slice(1)) || 0,
    ...(protocol === 'rediss:' && { tls: { servername: hostname, ...readTls(tls) } }),
    maxRetriesPerRequest: null,
    commandTimeout: 5000,
    autoResubscribe: false,
    lazyConnect: true,
  };
}
