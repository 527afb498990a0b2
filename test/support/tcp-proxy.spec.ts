import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TcpProxy } from './tcp-proxy.js';
import { until } from './wait.js';

/** A client that remembers what it got and how its connection ended. */
class Client {
  received = '';
  ending: string | null = null;
  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.received += text));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.ending = error.code ?? 'error'));
    socket.on('end', () => (this.ending ??= 'end'));
  }

  static async to({ host, port }: { host: string; port: number }): Promise<Client> {
    const socket = connect({ host, port });
    const client = new Client(socket);
    await once(socket, 'connect');
    return client;
  }

  got(text: string): Promise<unknown> {
    return until(`"${text}" came back`, () => Promise.resolve(this.received === text), 5000);
  }

  ended(): Promise<string | null> {
    return until('the connection ended', () => Promise.resolve(this.ending), 5000);
  }
}

describe('TcpProxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const seen = new Set<Socket>();

  beforeEach(async () => {
    seen.clear();
    echo = createServer((socket) => {
      seen.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => seen.delete(socket));
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { port } = echo.address() as AddressInfo;
    proxy = await TcpProxy.to({ host: '127.0.0.1', port });
  });
  afterEach(async () => {
    await proxy.close();
    for (const socket of seen) socket.destroy();
    echo.close();
  });

  it('passes everything both ways, ends included, and counts', async () => {
    const client = await Client.to(proxy);
    const text = 'x'.repeat(1_000_000);
    client.socket.end(text);
    await client.got(text);
    expect(await client.ended()).toBe('end');
    await until('it is forgotten', () => Promise.resolve(proxy.counters.open === 0));
    expect(proxy.counters).toEqual({
      accepted: 1,
      open: 0,
      reset: 0,
      sent: 1_000_000,
      received: 1_000_000,
      dropped: 0,
    });
  });

  it('freezes: new and old connections stand still, and nothing is lost', async () => {
    const old = await Client.to(proxy);
    old.socket.write('before ');
    await old.got('before ');
    await proxy.set('freeze');
    old.socket.write('frozen');
    const young = await Client.to(proxy);
    young.socket.end('young');
    await sleep(50);
    expect(old.received).toBe('before ');
    expect(young.received).toBe('');
    expect(seen.size).toBe(1);

    await proxy.set('pass');
    await old.got('before frozen');
    await young.got('young');
    expect(await young.ended()).toBe('end');
    expect(old.ending).toBeNull();
  });

  it('is a black hole: all bytes vanish, and who lost some is reset afterwards', async () => {
    const lost = await Client.to(proxy);
    const quiet = await Client.to(proxy);
    for (const client of [lost, quiet]) {
      client.socket.write('1');
      await client.got('1');
    }
    await proxy.set('blackhole');
    lost.socket.write('2');
    const young = await Client.to(proxy);
    young.socket.write('3');
    await until('both were dropped', () => Promise.resolve(proxy.counters.dropped === 2));
    expect(lost.received).toBe('1');
    expect([lost.ending, young.ending]).toEqual([null, null]);

    await proxy.set('pass');
    expect(await lost.ended()).toBe('ECONNRESET');
    expect(await young.ended()).toBe('ECONNRESET');
    quiet.socket.write('4');
    await quiet.got('14');
  });

  it('hides in a black hole that the server went away', async () => {
    const client = await Client.to(proxy);
    client.socket.write('1');
    await client.got('1');
    await proxy.set('blackhole');
    for (const socket of seen) socket.end();
    await sleep(50);
    expect(client.ending).toBeNull();
    await proxy.set('pass');
    expect(await client.ended()).toBe('ECONNRESET');
  });

  it('resets connections, old and new, on both sides', async () => {
    const old = await Client.to(proxy);
    old.socket.write('1');
    await old.got('1');
    await proxy.set('reset');
    expect(await old.ended()).toBe('ECONNRESET');
    await until('the server sees it too', () => Promise.resolve(seen.size === 0));
    // Whether the client had time to call itself connected is a matter of luck.
    const young = Client.to(proxy).then(async (client) => {
      throw Object.assign(new Error(), { code: await client.ended() });
    });
    await expect(young).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.counters).toMatchObject({ accepted: 2, open: 0, reset: 2 });

    await proxy.set('pass');
    const again = await Client.to(proxy);
    again.socket.write('2');
    await again.got('2');
  });

  it('refuses new connections, keeps old ones, and listens at the same port again', async () => {
    const old = await Client.to(proxy);
    old.socket.write('1');
    await old.got('1');
    const { port } = proxy;
    await proxy.set('refuse');
    await expect(Client.to(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    old.socket.write('2');
    await old.got('12');
    proxy.cut();
    expect(await old.ended()).toBe('ECONNRESET');

    await proxy.set('pass');
    expect(proxy.port).toBe(port);
    const young = await Client.to(proxy);
    young.socket.write('3');
    await young.got('3');
  });

  it('is slow: late, and not faster than its rate, in order', async () => {
    await proxy.set('slow', { delayMs: 30 });
    const late = await Client.to(proxy);
    const began = performance.now();
    late.socket.write('1');
    await late.got('1');
    // Once each way.
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);

    await proxy.set('slow', { bytesPerSecond: 10_000 });
    const thin = await Client.to(proxy);
    const text = Array.from({ length: 1000 }, (_, i) => i % 10).join('');
    const rateBegan = performance.now();
    thin.socket.write(text);
    await thin.got(text);
    expect(performance.now() - rateBegan).toBeGreaterThanOrEqual(95);

    thin.socket.write('x'.repeat(1_000_000));
    await proxy.set('pass');
    await thin.got(text + 'x'.repeat(1_000_000));
  });

  it('resets clients of a target that is not there', async () => {
    echo.close();
    const client = await Client.to(proxy);
    expect(await client.ended()).toBe('ECONNRESET');
  });

  it('severs: open connections never hear anything again, new ones work', async () => {
    const old = await Client.to(proxy);
    old.socket.write('before');
    await old.got('before');
    proxy.sever();
    old.socket.write('lost');
    const young = await Client.to(proxy);
    young.socket.write('young');
    await young.got('young');
    await proxy.set('blackhole');
    await proxy.set('pass');
    old.socket.end('lost too');
    await sleep(50);
    expect([old.received, old.ending]).toEqual(['before', null]);
    // The target does not know.
    expect(seen.size).toBe(2);
    expect(proxy.counters.dropped).toBe('lostlost too'.length);
    proxy.cut();
    expect(await old.ended()).toBe('ECONNRESET');
  });
});
