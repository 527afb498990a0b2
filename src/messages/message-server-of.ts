import type { AppConfig } from '../config/app-config.js';
import { MessageIntake } from './message-intake.js';
import type { MessageServer } from './message-server.js';
import { NatsMessages } from './transports/nats-messages.js';
import { RedisMessages } from './transports/redis-messages.js';
import { TcpMessages } from './transports/tcp-messages.js';

/** Beyond the longest wait of a request, which is that for the proof of a stop. */
const DRAIN_MARGIN_MS = 3000;

/** The one switch between the transports. @throws StartupError when a file of TLS cannot be read */
export function messageServerOf(config: AppConfig): MessageServer | null {
  const { messages, bodyLimitBytes, stopReplyTimeoutMs } = config;
  if (messages === null) return null;
  const intake = new MessageIntake(messages.transport, stopReplyTimeoutMs + DRAIN_MARGIN_MS);
  if (messages.transport === 'tcp') return new TcpMessages(messages, bodyLimitBytes, intake);
  return messages.transport === 'nats'
    ? new NatsMessages(messages, bodyLimitBytes, intake)
    : new RedisMessages(messages, bodyLimitBytes, intake);
}
