import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * - `pass`: forwards both ways.
 * - `slow`: forwards, late and little by little (`SlowOptions`).
 * - `freeze`: accepts and keeps connections, forwards nothing, loses nothing: all of it goes on afterwards.
 * - `blackhole`: accepts and keeps connections, and drops every byte and every end. Connections that lost something, or
 *   never reached the target, are reset when another mode begins: they could not go on.
 * - `reset`: resets (RST) the open connections, and every new one at once.
 * - `refuse`: does not listen; open connections go on. `cut()` ends them.
 */
export type ProxyMode = 'pass' | 'slow' | 'freeze' | 'blackhole' | 'reset' | 'refuse';

export interface SlowOptions {
  /** Before each chunk, both ways. */
  readonly delayMs?: number;
  /** Each way of each connection. */
  readonly bytesPerSecond?: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ProxyCounts {
  /** Connections taken from the beginning. */
  accepted: number;
  /** Connections that are open now. */
  open: number;
  /** Connections that were ended by a RST from here. */
  reset: number;
  /** Bytes that reached the target, and the clients. */
  sent: number;
  received: number;
  dropped: number;
}

/** Stands between a client and a server, and does to their connections what networks do. */
export class TcpProxy {
  readonly host = '127.0.0.1';
  private readonly links = new Set<Link>();
  private readonly counts = { accepted: 0, reset: 0, sent: 0, received: 0, dropped: 0 };
  private server: Server | null = null;
  private listeningPort = 0;
  private current: ProxyMode = 'pass';
  private slowness: SlowOptions = {};
  private readonly changes = new EventEmitter().setMaxListeners(0);

  private constructor(private readonly target: Address) {}

  /** Listens on a free port of 127.0.0.1, in mode `pass`. */
  static async to(target: Address): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.listen();
    return proxy;
  }

  /** Stays the same in every mode. */
  get port(): number {
    return this.listeningPort;
  }

  get mode(): ProxyMode {
    return this.current;
  }

  get counters(): ProxyCounts {
    return { ...this.counts, open: this.links.size };
  }

  /** Returns when the mode holds for connections old and new. */
  async set(mode: ProxyMode, slowness: SlowOptions = {}): Promise<void> {
    this.current = mode;
    this.slowness = slowness;
    if (mode !== 'blackhole') this.resetWhere((link) => link.incomplete && !link.severed);
    if (mode === 'reset') this.cut();
    if (mode === 'refuse') await this.unlisten();
    else await this.listen();
    this.changes.emit('set');
  }

  /** Resets the open connections, once; new ones get what the mode says. */
  cut(): void {
    this.resetWhere(() => true);
  }

  /**
   * From now on the open connections drop every byte and every end, for ever and whatever the mode; new ones get what the
   * mode says. A firewall that forgot its connections does so.
   */
  sever(): void {
    for (const link of this.links) link.severed = true;
  }

  async close(): Promise<void> {
    await this.set('refuse');
    this.cut();
  }

  /** Resolves when another mode, or the same one anew, was set. */
  private async changed(signal?: AbortSignal): Promise<void> {
    await once(this.changes, 'set', { signal });
  }

  private async listen(): Promise<void> {
    if (this.server !== null) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.accept(client);
    });
    this.server = server;
    server.listen(this.listeningPort, this.host);
    await once(server, 'listening');
    this.listeningPort = (server.address() as AddressInfo).port;
  }

  private async unlisten(): Promise<void> {
    const { server } = this;
    this.server = null;
    // Its callback would wait for the open connections; the port is free at once.
    server?.close();
    await new Promise(setImmediate);
  }

  private accept(client: Socket): void {
    this.counts.accepted += 1;
    const link = new Link(client, this.target, {
      mode: () => this.current,
      slowness: () => this.slowness,
      changed: (signal) => this.changed(signal),
      counts: this.counts,
    });
    this.links.add(link);
    void link.run().finally(() => this.links.delete(link));
    if (this.current === 'reset') this.reset(link);
  }

  private resetWhere(matches: (link: Link) => boolean): void {
    for (const link of this.links) if (matches(link)) this.reset(link);
  }

  private reset(link: Link): void {
    if (link.reset()) this.counts.reset += 1;
    this.links.delete(link);
  }
}

interface Conditions {
  readonly mode: () => ProxyMode;
  readonly slowness: () => SlowOptions;
  readonly changed: (signal?: AbortSignal) => Promise<void>;
  readonly counts: Omit<ProxyCounts, 'open'>;
}

/** One client's connection with the one to the target that belongs to it. */
class Link {
  /** It dropped something, or the target does not know of it. */
  incomplete = false;
  severed = false;
  private upstream: Socket | null = null;
  private over = false;

  constructor(
    private readonly client: Socket,
    private readonly target: Address,
    private readonly conditions: Conditions,
  ) {
    client.on('error', () => undefined);
  }

  /** Returns when both sides are closed. */
  async run(): Promise<void> {
    const { counts } = this.conditions;
    try {
      const upstream = await this.connect();
      if (upstream === null) return;
      await Promise.all([
        this.pump(this.client, upstream, (bytes) => (counts.sent += bytes)),
        this.pump(upstream, this.client, (bytes) => (counts.received += bytes)),
      ]);
    } catch {
      // One side is gone with an error: so goes the other.
      this.reset();
    }
  }

  /** False when it was over already. */
  reset(): boolean {
    if (this.over) return false;
    this.over = true;
    this.client.resetAndDestroy();
    this.upstream?.resetAndDestroy();
    return true;
  }

  /** Null when the target was never reached. */
  private async connect(): Promise<Socket | null> {
    if (!(await this.thawed())) return null;
    if (this.conditions.mode() === 'blackhole') {
      this.incomplete = true;
      await this.pump(this.client, null, () => undefined);
      return null;
    }
    const upstream = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    this.upstream = upstream;
    upstream.on('error', () => undefined);
    await once(upstream, 'connect');
    return upstream;
  }

  private async pump(
    from: Socket,
    to: Socket | null,
    count: (bytes: number) => void,
  ): Promise<void> {
    const { counts } = this.conditions;
    const arriving = from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of arriving) {
      for (const piece of this.pieces(chunk)) {
        await this.late(piece.length);
        if (!(await this.thawed())) return;
        if (to === null || this.drops) {
          this.incomplete = true;
          counts.dropped += piece.length;
        } else {
          count(piece.length);
          // Called also when the socket is destroyed meanwhile.
          await new Promise((resolve) => to.write(piece, resolve));
        }
      }
    }
    // The end of the stream is dropped as its bytes are, until another mode resets the connection.
    while ((await this.thawed()) && (to === null || this.drops)) {
      this.incomplete = true;
      await this.conditions.changed();
    }
    if (!this.over) to?.end();
  }

  private get drops(): boolean {
    return this.severed || this.conditions.mode() === 'blackhole';
  }

  /** Waits while nothing moves. False when the connection is over. */
  private async thawed(): Promise<boolean> {
    while (this.conditions.mode() === 'freeze' && !this.over) await this.conditions.changed();
    return !this.over;
  }

  /** Small enough to keep a low rate even. */
  private *pieces(chunk: Buffer): Generator<Buffer> {
    const { bytesPerSecond = Infinity } = this.conditions.slowness();
    const size = Math.max(1, Math.floor(bytesPerSecond / 20));
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }

  private async late(bytes: number): Promise<void> {
    if (this.conditions.mode() !== 'slow') return;
    const { delayMs = 0, bytesPerSecond = Infinity } = this.conditions.slowness();
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([
      sleep(delayMs + (bytes / bytesPerSecond) * 1000, undefined, { signal }),
      this.conditions.changed(signal),
    ]);
    over.abort();
  }
}
