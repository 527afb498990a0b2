import {
  type ClientOptions,
  type ClientProxy,
  ClientProxyFactory,
  type TcpClientOptions,
  Transport,
} from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import './quiet.js';

const ANSWER_MS = 15_000;

/** Sends messages as a Nest service does. */
export class MessageClient {
  private constructor(private readonly proxy: ClientProxy) {}

  static over(options: ClientOptions): MessageClient {
    return new MessageClient(ClientProxyFactory.create(options));
  }

  static tcp(address: string, options: TcpClientOptions['options'] = {}): MessageClient {
    const { hostname, port } = new URL(address.replace(/^\w+:/, 'http:'));
    return MessageClient.over({
      transport: Transport.TCP,
      options: { host: hostname, port: Number(port), ...options },
    });
  }

  /** The answer, or what it was refused with. */
  ask(pattern: string, payload: unknown): Promise<any> {
    return firstValueFrom(this.proxy.send(pattern, payload as object).pipe(timeout(ANSWER_MS)), {
      defaultValue: null,
    }).catch((error: unknown) => error);
  }

  emit(pattern: string, payload: object): Promise<unknown> {
    return firstValueFrom(this.proxy.emit(pattern, payload), { defaultValue: null });
  }

  async close(): Promise<void> {
    try {
      await this.proxy.close();
    } catch {
      // Its broker is gone.
    }
  }
}
