import { connect, type Socket } from 'node:net';

export interface WireAnswer {
  readonly status: number;
  /** As they came, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bytes: Buffer;
  readonly text: string;
}

/** One connection on which requests are written as the bytes that they are given as, one after another. */
export class Wire {
  private received = Buffer.alloc(0);
  private ended = false;
  private arrived: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.arrived();
    });
    const end = () => {
      this.ended = true;
      this.arrived();
    };
    socket.on('error', end).on('close', end);
  }

  static async to(url: string): Promise<Wire> {
    const { port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Wire(socket);
  }

  /** @param pieces written as they are, each once the one before it has left */
  async send(...pieces: readonly (string | Buffer)[]): Promise<WireAnswer> {
    for (const piece of pieces) await new Promise((sent) => this.socket.write(piece, sent));
    return this.read();
  }

  close(): void {
    this.socket.destroy();
  }

  /** Whether the server has ended the connection. */
  get isClosed(): boolean {
    return this.ended;
  }

  /** The next answer; interim ones (100) are passed over. */
  async read(): Promise<WireAnswer> {
    const head = (await this.upTo('\r\n\r\n')).toString('latin1').split('\r\n').slice(0, -2);
    const [first = '', ...lines] = head;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no answer: ${first}`);
    if (status === 100) return this.read();
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const of = (name: string) => headers.find(([one]) => one.toLowerCase() === name)?.[1];
    const bytes =
      of('transfer-encoding') === 'chunked'
        ? await this.chunks()
        : await this.exactly(Number(of('content-length') ?? 0));
    return { status, headers, bytes, text: bytes.toString() };
  }

  private async chunks(): Promise<Buffer> {
    const all: Buffer[] = [];
    for (;;) {
      const size = parseInt((await this.upTo('\r\n')).toString(), 16);
      const chunk = await this.exactly(size + 2);
      if (size === 0) return Buffer.concat(all);
      all.push(chunk.subarray(0, size));
    }
  }

  private upTo(mark: string): Promise<Buffer> {
    return this.take(() => {
      const at = this.received.indexOf(mark);
      return at < 0 ? null : at + mark.length;
    });
  }

  private exactly(length: number): Promise<Buffer> {
    return this.take(() => (this.received.length >= length ? length : null));
  }

  private async take(enough: () => number | null): Promise<Buffer> {
    for (;;) {
      const length = enough();
      if (length !== null) {
        const taken = this.received.subarray(0, length);
        this.received = this.received.subarray(length);
        return taken;
      }
      if (this.ended) throw new Error(`cut off: ${this.received.toString().slice(0, 500)}`);
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
  }
}
