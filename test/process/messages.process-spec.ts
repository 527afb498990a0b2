import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect } from 'node:net';
import { join } from 'node:path';
import { consume } from '../support/consumer.js';
import { Observer } from '../support/observer.js';
import { type ProductProcess, startProduct } from '../support/product-process.js';
import { ALPINE_FLOW, AT_WORK, seenWorking } from '../support/runs.js';
import { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

const TAKING = { script: 'main.js', ready: /Messages: (\S+)/ };

// Starts a dozen processes.
jest.setTimeout(120_000);

describe('the example consumer over TCP', () => {
  let server: TestServer;
  let observer: Observer;
  let product: ProductProcess | undefined;

  beforeAll(async () => {
    server = await startTestServer();
    observer = await Observer.on(server.dataUrl);
  });
  afterAll(async () => {
    await product?.kill('SIGKILL');
    await observer.close();
    await server.stop();
  });

  const start = async (settings: Record<string, string> = {}) => {
    product = await startProduct({
      ...TAKING,
      environment: server.environment({
        PORT: '0',
        MICROSERVICE_TRANSPORT: 'tcp',
        MICROSERVICE_PORT: '0',
        ...settings,
      }),
    });
    return product;
  };
  const urlOf = (one: ProductProcess) => /Fermata serves (\S+)\/api/.exec(one.output())![1]!;

  it('runs a workflow, stops it at work, and has the proof', async () => {
    const taking = await start();
    const { token } = await new TestClient(urlOf(taking)).login('owner');
    const environment = { FERMATA_MESSAGES: taking.ready, FERMATA_SESSION: token };

    const started = await consume(environment, 'run', ALPINE_FLOW);
    expect(started).toMatchObject({ code: 0, answer: { status: 202 }, errors: '' });
    const id = started.answer.run_id as string;
    const working = await seenWorking(observer, `/api/runs/${id}`, AT_WORK);

    const again = await consume(environment, 'run', ALPINE_FLOW);
    expect(again).toMatchObject({
      code: 1,
      answer: { status: 422, errors: { fields: { base: { NOT_RUNNABLE: {} } } } },
    });

    const stopped = await consume(environment, 'stop', ALPINE_FLOW, 'wrong filter');
    expect(await observer.tagged()).toEqual([]);
    expect(await observer.locksOf([working.pid])).toBe(0);
    expect(stopped).toMatchObject({
      code: 0,
      answer: {
        status: 200,
        response: { id, status: 'stopped', stop_receipt: { reason: 'wrong filter' } },
      },
    });
    const proof = await consume(environment, 'proof', id);
    expect(proof.answer.response).toEqual(stopped.answer.response);
    expect(await consume(environment, 'stop', ALPINE_FLOW)).toMatchObject({
      code: 0,
      answer: { status: 202, run_id: null, response: { status: 'idle' } },
    });

    const refused = { ...environment, FERMATA_SESSION: 'marker-4711' };
    expect(await consume(refused, 'stop', ALPINE_FLOW)).toMatchObject({
      code: 1,
      answer: { status: 401 },
    });
    const login = {
      FERMATA_URL: urlOf(taking),
      FERMATA_USER: 'member',
      FERMATA_PASSWORD: 'secret',
    };
    expect(
      await consume({ FERMATA_MESSAGES: taking.ready, ...login }, 'show', ALPINE_FLOW),
    ).toMatchObject({ code: 0, answer: { response: { id: ALPINE_FLOW, status: 'idle' } } });

    const broken = connect(Number(new URL(taking.ready.replace('tcp', 'http')).port), '127.0.0.1');
    broken.on('error', () => undefined).end('30#{"session_id":"marker-4711" :-)');
    await until('it is said', () =>
      Promise.resolve(taking.output().includes('InvalidJSONFormatException')),
    );

    // One line for each message, with what finds it again and nothing that opens anything.
    const lines = taking
      .output()
      .split('\n')
      .filter((line) => line.includes('"message":"message"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({
        transport: 'tcp',
        pattern: 'workfiles.run',
        requestId: started.answer.request_id,
        status: 202,
        durationMs: expect.any(Number),
        userId: 1_000_006,
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ pattern: 'workfiles.stop', status: 401 }),
    );
    expect(taking.output()).not.toContain(token);
    expect(taking.output()).not.toContain('marker-4711');

    expect(await taking.kill('SIGTERM')).toBe(0);
    const alone = await consume(environment, 'show', ALPINE_FLOW);
    expect(alone).toMatchObject({ code: 2, answer: null });
    expect(alone.errors).not.toBe('');
  });

  it('finds its way through TLS', async () => {
    const file = (name: string) => join(import.meta.dirname, '../support/tls', name);
    const taking = await start({
      MICROSERVICE_TLS_CERT: file('server.pem'),
      MICROSERVICE_TLS_KEY: file('server.key'),
    });
    const { token } = await new TestClient(urlOf(taking)).login('owner');
    const environment = { FERMATA_MESSAGES: taking.ready, FERMATA_SESSION: token };
    expect(taking.ready).toMatch(/^tls:/);
    expect(
      await consume({ ...environment, FERMATA_CA: file('ca.pem') }, 'show', ALPINE_FLOW),
    ).toMatchObject({ code: 0, answer: { status: 200 } });
    expect(await consume(environment, 'show', ALPINE_FLOW)).toMatchObject({ code: 2 });
    expect(await taking.kill('SIGTERM')).toBe(0);
  });

  it('says what a start is missing', async () => {
    await expect(start({ MICROSERVICE_TRANSPORT: 'nats' })).rejects.toThrow(
      /ended with 1:[^]*MICROSERVICE_URL must be set/,
    );
    await expect(start({ MICROSERVICE_HOST: '192.0.2.1' })).rejects.toThrow(
      /ended with 1:[^]*EADDRNOTAVAIL[^]*set MICROSERVICE_HOST/,
    );
  });
});
