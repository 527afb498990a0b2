import { Logger } from '@nestjs/common';
import {
  type BaseRpcContext,
  type MessageHandler,
  type ReadPacket,
  type RedisContext,
  ServerRedis,
} from '@nestjs/microservices';
import { Redis, type RedisOptions } from 'ioredis';
import { Outage } from '../../common/observability/outage.js';
import type { MessagesConfig } from '../../config/messages-config.js';
import { HEARTBEAT_MS } from '../../queue/redis-options.js';
import type { MessageIntake, Produce, Respond } from '../message-intake.js';
import type { MessageServer } from '../message-server.js';
import { PacketDeserializer } from './packet-deserializer.js';
import { redisOptionsOf } from './redis-options.js';

/** A repeated id is not taken a second time for so long. */
const CLAIM_MS = 600_000;
const LONGEST_ID = 128;

type BrokerConfig = Exclude<MessagesConfig, { transport: 'tcp' }>;

/**
 * Takes messages that are published in Redis, which may come and go. Every process hears every message, so each is claimed
 * by its id first: one of them answers.
 */
export class RedisMessages extends ServerRedis implements MessageServer {
  readonly transport = 'redis';
  readonly address: string;
  private readonly outage: Outage;
  private readonly settings: RedisOptions;
  private readonly clients: Redis[] = [];
  private heart: NodeJS.Timeout | undefined;
  private subscribed = false;

  constructor(
    { url, tls }: BrokerConfig,
    private readonly limitBytes: number,
    private readonly intake: MessageIntake,
  ) {
    super({ deserializer: new PacketDeserializer() });
    const { protocol, host } = new URL(url);
    this.address = `${protocol}//${host}`;
    this.settings = redisOptionsOf(url, tls);
    this.outage = new Outage(new Logger(RedisMessages.name), `Redis for messages at ${host}`);
  }

  get isUp(): boolean {
    return this.subscribed && this.clients.every(({ status }) => status === 'ready');
  }

  override createRedisClient(): Promise<Redis> {
    const client = new Redis(this.settings);
    this.clients.push(client);
    return Promise.resolve(client);
  }

  override registerErrorListener(client: Redis): void {
    client.on('error', (error) => {
      this.lost(error);
    });
    client.on('close', () => {
      if (client === this.subClient) this.subscribed = false;
      this.lost(new Error('the connection was closed'));
    });
  }

  override registerReconnectListener(): void {
    // The outage is told once.
  }

  override registerReadyListener(client: Redis): void {
    client.on('ready', () => {
      if (client === this.subClient) void this.subscribe(client);
      else this.back();
    });
  }

  override registerEndListener(): void {
    // Connections end only when this process does.
  }

  /** Does not wait for the broker: HTTP works without it. */
  override start(callback?: () => void): void {
    const [sub, pub] = [this.subClient as Redis, this.pubClient as Redis];
    const take = this.getMessageHandler(pub);
    sub.on('message', (channel, text) => void take(channel, text, channel));
    for (const client of [sub, pub]) client.connect().catch(() => undefined);
    this.heart = setInterval(() => {
      for (const client of [sub, pub]) void this.beat(client);
    }, HEARTBEAT_MS).unref();
    callback?.();
  }

  override async handleMessage(
    channel: string,
    text: string,
    pub: Redis,
    pattern: string,
  ): Promise<void> {
    // One that can be read has its id near its beginning or its end; not worth the parsing.
    if (text.length > this.limitBytes) {
      this.intake.broken({ name: 'TooLarge' });
      return;
    }
    const { id } = (this.parseMessage(text) as { id?: unknown } | null) ?? {};
    if (typeof id === 'string' && !(await this.claim(id, pub))) return;
    await super.handleMessage(channel, text, pub, pattern);
  }

  override async close(): Promise<void> {
    this.isManuallyClosed = true;
    this.subscribed = false;
    clearInterval(this.heart);
    // Another process takes what comes from now on.
    (this.subClient as Redis | undefined)?.disconnect();
    await this.intake.drain();
    for (const client of this.clients) client.disconnect();
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
    const channel = (context as RedisContext).getChannel();
    const request = this.intake.begin(context, channel, this.transport);
    super.handleRequest(
      context,
      this.intake.guarded(request, produce),
      this.intake.answering(request, respond),
    );
  }

  protected override handleError(error: unknown): void {
    this.intake.broken(error);
  }

  private async claim(id: string, pub: Redis): Promise<boolean> {
    if (id.length > LONGEST_ID) return false;
    return (await pub.set(`fermata:message:${id}`, '', 'PX', CLAIM_MS, 'NX')) === 'OK';
  }

  private async subscribe(client: Redis): Promise<void> {
    try {
      await client.subscribe(...this.messageHandlers.keys());
      this.subscribed = true;
      this.back();
    } catch (error) {
      // A login without the right to subscribe, for one: perhaps it gets it.
      this.lost(error);
      setTimeout(() => {
        if (!this.isManuallyClosed && client.status === 'ready') void this.subscribe(client);
      }, HEARTBEAT_MS).unref();
    }
  }

  private async beat(client: Redis): Promise<void> {
    if (client.status !== 'ready') return;
    try {
      await client.ping();
    } catch (error) {
      this.lost(error);
      if (!this.isManuallyClosed) client.disconnect(true);
    }
  }

  private back(): void {
    if (this.isUp) this.outage.ended();
  }

  private lost(error: unknown): void {
    if (this.isManuallyClosed) return;
    this.outage.began(error);
  }
}
