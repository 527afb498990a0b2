import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { consume } from './consumer.js';
import { MessageClient } from './message-client.js';
import { Observer } from './observer.js';
import { type ProductProcess, SERVING, startProduct, WORKING } from './product-process.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, runEnded, seenWorking, startRun } from './runs.js';
import { TestClient } from './test-client.js';
import { query, startTestServer, type TestServer } from './test-server.js';
import { until } from './wait.js';

export const BROKER_PASSWORD = 'marker-4711';

export interface Broker {
  /** With its login. */
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL. Harmless when it is dead already. */
  kill(): Promise<void>;
}

/** What a spec of one transport goes on with. */
export interface BrokerWorld {
  readonly server: () => TestServer;
  readonly broker: () => Broker;
  /** A process that takes messages, killed after the test. */
  readonly startProcess: (settings?: Record<string, string>) => Promise<ProductProcess>;
  readonly isUp: (product: ProductProcess) => Promise<void>;
  readonly stateOf: (product: ProductProcess) => Promise<unknown>;
  readonly client: () => MessageClient;
}

/** What has to hold for every broker; then `more` of its own. */
export function describeBroker(
  transport: 'nats' | 'redis',
  aBroker: () => Promise<Broker>,
  clientOf: (broker: Broker) => MessageClient,
  more: (world: BrokerWorld) => void,
): void {
  // The clients' own words.
  Logger.overrideLogger(['error']);
  // Each test starts several processes.
  jest.setTimeout(120_000);

  describe(`messages over ${transport}`, () => {
    let server: TestServer;
    let broker: Broker;
    let observer: Observer;
    const products: ProductProcess[] = [];
    const clients: MessageClient[] = [];

    beforeAll(async () => {
      server = await startTestServer();
      broker = await aBroker();
      observer = await Observer.on(server.dataUrl);
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.close();
      for (const product of products.splice(0)) await product.kill('SIGKILL');
    });
    afterAll(async () => {
      await broker.kill();
      await observer.close();
      await server.stop();
    });

    const startProcess = async (settings: Record<string, string> = {}) => {
      const product = await startProduct({
        ...SERVING,
        environment: server.environment({
          PORT: '0',
          MICROSERVICE_TRANSPORT: transport,
          MICROSERVICE_URL: broker.url,
          ...settings,
        }),
      });
      products.push(product);
      return product;
    };
    const stateOf = async (product: ProductProcess) =>
      (await new TestClient(product.ready).get('/health/ready')).json.messages;
    /** Without a run of this workfile that an earlier test left. */
    const idle = async (product: ProductProcess, workfileId: number) => {
      const owner = await new TestClient(product.ready).login('owner');
      await until(`${workfileId} is idle`, async () => {
        const answer = await owner.post(`/api/workfiles/${workfileId}/stop`, { force: true });
        return answer.response.status === 'idle';
      });
      return owner;
    };
    const hasState = (product: ProductProcess, status: 'up' | 'down') =>
      until(`messages are ${status}`, async () => (await stateOf(product)).status === status).then(
        () => undefined,
      );
    const isUp = (product: ProductProcess) => hasState(product, 'up');
    const client = () => {
      const made = clientOf(broker);
      clients.push(made);
      return made;
    };
    const said = (product: ProductProcess, pattern: RegExp) =>
      product.output().match(pattern)?.length ?? 0;

    it('stops a run at work, asked by the example consumer', async () => {
      await broker.start();
      const product = await startProcess();
      await isUp(product);
      const { token } = await new TestClient(product.ready).login('owner');
      const environment = { FERMATA_MESSAGES: broker.url, FERMATA_SESSION: token };

      const started = await consume(environment, 'run', ALPINE_FLOW);
      expect(started).toMatchObject({ code: 0, answer: { status: 202 }, errors: '' });
      const id = started.answer.run_id as string;
      const working = await seenWorking(observer, `/api/runs/${id}`, AT_WORK);
      const stopped = await consume(environment, 'stop', ALPINE_FLOW, 'wrong filter');

      expect(await observer.tagged()).toEqual([]);
      expect(await observer.locksOf([working.pid])).toBe(0);
      expect(stopped).toMatchObject({
        code: 0,
        answer: {
          response: { id, status: 'stopped', stop_receipt: { reason: 'wrong filter' } },
        },
      });
      expect(
        await query(server.url, 'SELECT address FROM stop_requests WHERE run_id = $1', [id]),
      ).toEqual([{ address: transport }]);
      const nobody = { ...environment, FERMATA_SESSION: 'f'.repeat(40) };
      expect(await consume(nobody, 'stop', ALPINE_FLOW)).toMatchObject({
        code: 1,
        answer: { status: 401 },
      });
      expect(product.output()).not.toContain(token);
      expect(product.output()).not.toContain(BROKER_PASSWORD);
      expect(await product.kill('SIGTERM')).toBe(0);
    });

    it('starts and works without its broker, and takes messages when it is back, again and again', async () => {
      await broker.kill();
      const product = await startProcess();
      const owner = await new TestClient(product.ready).login('owner');
      expect(await stateOf(product)).toEqual({ transport, status: 'down' });
      expect(await runEnded(owner, await startRun(owner, GOLF_FLOW))).toMatchObject({
        status: 'succeeded',
      });
      const payload = { session_id: owner.token, id: GOLF_FLOW };
      await broker.start();
      await isUp(product);
      const works = async () => {
        const asking = clientOf(broker);
        expect(await asking.ask('workfiles.show', payload)).toMatchObject({ status: 200 });
        await asking.close();
      };
      await works();

      for (let time = 1; time <= 2; time += 1) {
        await broker.kill();
        await hasState(product, 'down');
        expect(await owner.post(`/api/workfiles/${GOLF_FLOW}/stop`)).toMatchObject({ status: 202 });
        await broker.start();
        await isUp(product);
        await works();
      }

      expect(said(product, /is out of reach and tried again/g)).toBe(3);
      expect(said(product, /is back after/g)).toBe(3);
      expect(product.output()).not.toContain(BROKER_PASSWORD);
      expect(await product.kill('SIGTERM')).toBe(0);
    });

    it('ends in order while its broker is away', async () => {
      await broker.kill();
      const never = await startProcess();
      expect(await stateOf(never)).toMatchObject({ status: 'down' });
      expect(await never.kill('SIGTERM')).toBe(0);
      await broker.start();
      const lost = await startProcess();
      await isUp(lost);
      await broker.kill();
      await hasState(lost, 'down');
      expect(await lost.kill('SIGTERM')).toBe(0);
    });

    it('says that the password is wrong, without telling it', async () => {
      await broker.kill();
      await broker.start();
      const product = await startProcess({
        MICROSERVICE_URL: broker.url.replace(BROKER_PASSWORD, 'marker-1234'),
      });
      await until('it says so', () =>
        Promise.resolve(/out of reach.*(WRONGPASS|Authorization)/i.test(product.output())),
      );
      expect(await stateOf(product)).toEqual({ transport, status: 'down' });
      expect(await product.kill('SIGTERM')).toBe(0);
      expect(said(product, /is out of reach/g)).toBe(1);
      expect(product.output()).not.toMatch(/marker-/);
    });

    it('carries each message out once, however many processes listen', async () => {
      await broker.kill();
      await broker.start();
      const both = await Promise.all([startProcess(), startProcess()]);
      for (const product of both) await isUp(product);
      const { token } = await idle(both[0], ALPINE_FLOW);
      const asking = client();
      const before = await query(server.url, 'SELECT FROM stop_requests');
      for (let time = 0; time < 5; time += 1) {
        const started = await asking.ask('workfiles.run', { session_id: token, id: ALPINE_FLOW });
        expect(started).toMatchObject({ status: 202 });
        const stopped = await asking.ask('workfiles.stop', {
          session_id: token,
          id: ALPINE_FLOW,
          force: true,
        });
        expect(stopped.run_id).toBe(started.run_id);
        await until('its end', async () => {
          const run = await asking.ask('runs.show', { session_id: token, id: started.run_id });
          return run.response.status === 'stopped';
        });
      }
      const after = await query(server.url, 'SELECT FROM stop_requests');
      expect(after.length - before.length).toBe(5);
      const handled = both.map((product) => said(product, /"pattern":"workfiles\.(run|stop)"/g));
      expect(handled[0]! + handled[1]!).toBe(10);
    });

    it('answers what is under way before it ends', async () => {
      await broker.kill();
      await broker.start();
      // Another process executes, so that this one ends at once but for the answer.
      const worker = await startProduct({ ...WORKING, environment: server.environment() });
      products.push(worker);
      const product = await startProcess({
        STOP_REPLY_TIMEOUT_MS: '20000',
        WORKER_CONCURRENCY: '0',
      });
      await isUp(product);
      const owner = await idle(product, ALPINE_FLOW);
      await seenWorking(observer, await startRun(owner, ALPINE_FLOW), AT_WORK);
      // The end of the run is kept from being recorded, so the stop is under way for as long as we want.
      const blocker = await Observer.on(server.url);
      await blocker.query('BEGIN');
      await blocker.query('LOCK TABLE run_steps IN EXCLUSIVE MODE');
      let answer: any = null;
      const asked = client()
        .ask('workfiles.stop', { session_id: owner.token, id: ALPINE_FLOW })
        .then((got) => (answer = got));
      await until('the stop is accepted', async () => {
        const rows = await query(server.url, `SELECT FROM runs WHERE status = 'stopping'`);
        return rows.length > 0;
      });
      const ended = product.kill('SIGTERM');
      await until('HTTP is closed', () =>
        fetch(`${product.ready}/health/live`).then(
          ({ ok }) => !ok,
          () => true,
        ),
      );
      expect(answer).toBeNull();
      await blocker.query('COMMIT');
      await blocker.close();
      await asked;
      expect(answer).toMatchObject({ status: 202, response: { status: 'idle' } });
      expect(await ended).toBe(0);
      expect(await observer.tagged()).toEqual([]);
    });

    more({ server: () => server, broker: () => broker, startProcess, isUp, stateOf, client });
  });
}
