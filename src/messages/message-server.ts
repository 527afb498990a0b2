import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { MessagesConfig } from '../config/messages-config.js';

/** What takes messages in this process, whatever carries them. */
export interface MessageServer extends CustomTransportStrategy {
  readonly transport: MessagesConfig['transport'];
  /** False while no message can arrive. */
  readonly isUp: boolean;
  /** Where it listens, or the broker; without its login. */
  readonly address: string;
}

/** DI token: a `MessageServer`, or null when messages are off. */
export const MESSAGE_SERVER = Symbol('MessageServer');
