import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import {
  type BaseRpcContext,
  type MessageHandler,
  type NatsContext,
  type ReadPacket,
  ServerNats,
} from '@nestjs/microservices';
import { setTimeout as sleep } from 'node:timers/promises';
import { Outage } from '../../common/observability/outage.js';
import type { MessagesConfig } from '../../config/messages-config.js';
import type { MessageIntake, Produce, Respond } from '../message-intake.js';
import type { MessageServer } from '../message-server.js';
import { NatsDeserializer, type NatsMessage } from './nats-deserializer.js';
import { natsOptionsOf } from './nats-options.js';

const RETRY_MS = 1000;
/** For the broker to take the last answers. */
const FLUSH_MS = 1000;
const QUEUE = 'fermata';

type BrokerConfig = Exclude<MessagesConfig, { transport: 'tcp' }>;

/** Takes messages from a NATS server, which may come and go. */
export class NatsMessages extends ServerNats implements MessageServer {
  readonly transport = 'nats';
  readonly address: string;
  private readonly outage: Outage;
  private readonly ending = new AbortController();
  private taken: Subscription[] = [];
  /** What the broker has not said yet, or refuses, to tell this process of. */
  private missing = new Set<string>();
  private connection: NatsConnection | undefined;
  private connected = false;

  constructor(
    { url, tls }: BrokerConfig,
    limitBytes: number,
    private readonly intake: MessageIntake,
  ) {
    super({ ...natsOptionsOf(url, tls), deserializer: new NatsDeserializer(limitBytes) });
    const { protocol, host } = new URL(url);
    this.address = `${protocol}//${host}`;
    this.outage = new Outage(new Logger(NatsMessages.name), `the NATS server at ${host}`);
  }

  get isUp(): boolean {
    return this.connected && this.missing.size === 0;
  }

  /** Does not wait for the broker: HTTP works without it. */
  override listen(callback: (error?: unknown) => void): Promise<void> {
    void this.connectForEver();
    callback();
    return Promise.resolve();
  }

  override async createNatsClient(): Promise<NatsConnection> {
    const connection = (await super.createNatsClient()) as NatsConnection;
    if (this.ending.signal.aborted) await connection.close();
    this.connection = connection;
    return connection;
  }

  override bindEvents(client: NatsConnection): void {
    this.taken = [];
    this.missing = new Set(this.messageHandlers.keys());
    this.connected = true;
    for (const pattern of this.missing) this.subscribe(client, pattern);
  }

  override async handleStatusUpdates(client: NatsConnection): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === 'disconnect') this.lost(new Error('the connection was closed'));
      if (type === 'reconnect') {
        this.connected = true;
        this.back();
      }
    }
  }

  override async close(): Promise<void> {
    this.ending.abort();
    // Until the broker has taken note, messages that are on the way are answered.
    await inTime(Promise.allSettled(this.taken.map((one) => one.drain())));
    await this.intake.drain();
    if (this.connection === undefined) return;
    await inTime(this.connection.flush().catch(() => undefined));
    await this.connection.close();
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
    const subject = (context as NatsContext).getSubject();
    const request = this.intake.begin(context, subject, this.transport);
    super.handleRequest(
      context,
      this.intake.guarded(request, produce),
      this.intake.answering(request, respond),
    );
  }

  private async connectForEver(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const failure = await new Promise<unknown>((resolve) => void super.listen(resolve));
      if (failure === undefined) await this.connection?.closed();
      this.lost(failure ?? new Error('the connection was closed'));
      await sleep(RETRY_MS, null, { signal: this.ending.signal, ref: false }).catch(() => null);
    }
  }

  private subscribe(client: NatsConnection, pattern: string): void {
    let isRefused = false;
    const callback = (error: Error | null, message: NatsMessage) => {
      if (error === null) {
        this.handleMessage(pattern, message).catch((failure: unknown) => {
          this.broken(failure);
        });
        return;
      }
      isRefused = true;
      this.missing.add(pattern);
      this.outage.began(error);
      void this.later(client, () => {
        this.subscribe(client, pattern);
      });
    };
    const taken = client.subscribe(pattern, { queue: QUEUE, callback });
    this.taken = [...this.taken.filter((one) => !one.isClosed()), taken];
    const confirm = () => {
      // A refusal comes before this answer.
      client.flush().then(
        () => {
          if (isRefused || client !== this.connection) return;
          this.missing.delete(pattern);
          this.back();
        },
        () => this.later(client, confirm),
      );
    };
    confirm();
  }

  private async later(client: NatsConnection, work: () => void): Promise<void> {
    const { signal } = this.ending;
    await sleep(RETRY_MS, null, { signal, ref: false }).catch(() => null);
    if (!signal.aborted && !client.isClosed()) work();
  }

  private back(): void {
    if (this.isUp) this.outage.ended();
  }

  private lost(cause: unknown): void {
    this.connected = false;
    if (!this.ending.signal.aborted) this.outage.began(cause);
  }

  private broken(error: unknown): void {
    this.intake.broken(error);
  }
}

/** Waits for what needs the broker, but not for a broker that is away. */
async function inTime(work: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([work, sleep(FLUSH_MS, null, { signal: waiting.signal }).catch(() => null)]);
  waiting.abort();
}
