import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { WorkfilesModule } from '../workfiles/workfiles.module.js';
import { MESSAGE_SERVER } from './message-server.js';
import { messageServerOf } from './message-server-of.js';
import { RunMessagesController } from './run-messages.controller.js';
import { WorkfileMessagesController } from './workfile-messages.controller.js';

/** Requests as messages, beside HTTP. Without `MICROSERVICE_TRANSPORT` there are no handlers at all. */
@Module({})
export class MessagesModule {
  static of(config: AppConfig): DynamicModule {
    return {
      module: MessagesModule,
      imports: [WorkfilesModule],
      controllers:
        config.messages === null ? [] : [WorkfileMessagesController, RunMessagesController],
      // Made before anything is opened: it can refuse its settings.
      providers: [{ provide: MESSAGE_SERVER, useValue: messageServerOf(config) }],
      exports: [MESSAGE_SERVER],
    };
  }
}
