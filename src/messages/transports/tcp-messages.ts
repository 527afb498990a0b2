import {
  type BaseRpcContext,
  type MessageHandler,
  type ReadPacket,
  ServerTCP,
  type TcpContext,
} from '@nestjs/microservices';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../../common/errors/startup-error.js';
import type { MessagesConfig } from '../../config/messages-config.js';
import type { MessageIntake, Produce, Respond } from '../message-intake.js';
import type { MessageServer } from '../message-server.js';
import { boundedSocket } from './bounded-socket.js';
import { PacketDeserializer } from './packet-deserializer.js';
import { readTls } from './tls-files.js';

/** For what is written to be taken by the other side. */
const FLUSH_MS = 1000;

type TcpConfig = Extract<MessagesConfig, { transport: 'tcp' }>;

/** Takes messages over TCP, which has no sender's login of its own: the payload says who asks. */
export class TcpMessages extends ServerTCP implements MessageServer {
  readonly transport = 'tcp';

  constructor(
    { host, port, tls }: TcpConfig,
    limitBytes: number,
    private readonly intake: MessageIntake,
  ) {
    const texts = readTls(tls);
    super({
      host,
      port,
      deserializer: new PacketDeserializer(),
      socketClass: boundedSocket(limitBytes, (error) => {
        intake.broken(error);
      }),
      ...(texts.cert !== undefined && {
        tlsOptions: {
          ...texts,
          // Without an authority to check them against, nobody is asked for a certificate.
          requestCert: texts.ca !== undefined,
          rejectUnauthorized: texts.ca !== undefined,
        },
      }),
    });
  }

  get isUp(): boolean {
    return this.server.listening;
  }

  get address(): string {
    const scheme = this.tlsOptions === undefined ? 'tcp' : 'tls';
    const { address, port } = (this.server.address() ?? {
      address: this.host,
      port: this.port,
    }) as AddressInfo;
    return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  /** Nest's own hears of an address in use only, and waits for ever with any other error. */
  override listen(callback: (error?: unknown) => void): void {
    const failed = ({ message }: Error) => {
      this.server.off('listening', listening);
      callback(
        new StartupError(`${message}: set MICROSERVICE_HOST and MICROSERVICE_PORT to others`),
      );
    };
    const listening = () => {
      this.server.off('error', failed);
      callback();
    };
    this.server.once('error', failed);
    this.server.once('listening', listening);
    this.server.listen(this.port, this.host);
  }

  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- declared as void in Nest, which awaits it
  override async close(): Promise<void> {
    this.isManuallyTerminated = true;
    this.server.close();
    await this.intake.drain();
    const closing = [...this.openSockets].map((socket) => {
      socket.end();
      return once(socket, 'close');
    });
    if (closing.length > 0)
      await Promise.race([Promise.allSettled(closing), sleep(FLUSH_MS, null, { ref: false })]);
    super.close();
  }

  override getHandlerByPattern(pattern: string): MessageHandler {
    return this.intake.handlerFor(super.getHandlerByPattern(pattern));
  }

  override handleEvent(pattern: string, _packet: ReadPacket): Promise<void> {
    this.intake.ignored(pattern);
    return Promise.resolve();
  }

  protected override handleRequest(
    context: BaseRpcContext,
    produce: Produce,
    respond: Respond,
  ): void {
    const tcp = context as TcpContext;
    const address = tcp.getSocketRef().netSocket.remoteAddress ?? this.transport;
    const request = this.intake.begin(context, tcp.getPattern(), address);
    super.handleRequest(
      context,
      this.intake.guarded(request, produce),
      this.intake.answering(request, respond),
    );
  }

  protected override handleError(error: unknown): void {
    this.intake.broken(error);
  }
}
