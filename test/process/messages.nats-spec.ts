import { connect, type NatsConnection } from '@nats-io/transport-node';
import { expect, it } from '@jest/globals';
import { Transport } from '@nestjs/microservices';
import { type Broker, BROKER_PASSWORD, describeBroker } from '../support/broker-scenario.js';
import { MessageClient } from '../support/message-client.js';
import { aNatsServer } from '../support/nats-server.js';
import { GOLF_FLOW } from '../support/runs.js';
import { TestClient } from '../support/test-client.js';
import { query } from '../support/test-server.js';
import { until } from '../support/wait.js';

const USER = 'fermata';

const loginOf = ({ url }: Broker) => ({
  servers: [new URL(url).host],
  user: USER,
  pass: BROKER_PASSWORD,
});

describeBroker(
  'nats',
  () => aNatsServer(USER, BROKER_PASSWORD),
  (broker) => MessageClient.over({ transport: Transport.NATS, options: loginOf(broker) }),
  ({ server, broker, startProcess, isUp, stateOf }) => {
    it('answers plain NATS clients, whatever they send', async () => {
      await broker().kill();
      await broker().start();
      const product = await startProcess({ BODY_LIMIT_BYTES: '4096' });
      await isUp(product);
      const { token } = await new TestClient(product.ready).login('owner');
      const nats: NatsConnection = await connect(loginOf(broker()));
      const request = async (subject: string, body: string) => {
        const answer = await nats.request(subject, body, { timeout: 10_000 });
        return answer.json<any>();
      };
      const payload = { session_id: token, id: GOLF_FLOW };
      try {
        const plain = await request('workfiles.show', JSON.stringify(payload));
        expect(plain.response).toMatchObject({ status: 200, response: { id: GOLF_FLOW } });
        const packet = { pattern: 'runs.stop', id: 'mine', data: payload };
        expect(await request('workfiles.show', JSON.stringify(packet))).toMatchObject({
          id: 'mine',
          response: { status: 200 },
        });
        for (const broken of ['', '{', 'null', '[]', '"text"', '\0', 'x'.repeat(5000)])
          expect((await request('workfiles.stop', broken)).err).toEqual({
            status: 400,
            errors: { message: expect.any(String) },
            request_id: expect.any(String),
          });
        const large = await request('workfiles.stop', JSON.stringify({ a: 'x'.repeat(5000) }));
        expect(large.err.errors.message).toBe('The message is larger than 4096 bytes.');

        // Nobody hears the answer: it is not carried out.
        nats.publish('workfiles.run', JSON.stringify(payload));
        await nats.flush();
        await request('workfiles.show', JSON.stringify(payload));
        expect(
          await query(
            server().url,
            `SELECT FROM runs WHERE status <> 'stopped' AND workfile_id = $1
          AND queued_at > now() - interval '3 seconds'`,
            [GOLF_FLOW],
          ),
        ).toEqual([]);
        expect(product.output()).toContain('message ignored: it asks for no answer');

        await expect(request('workfiles.delete', '{}')).rejects.toThrow(/no responders/i);
      } finally {
        await nats.close();
      }
    });

    it('is not ready while the broker refuses to tell it of something', async () => {
      const strict = await aNatsServer(USER, BROKER_PASSWORD);
      strict.deny(['workfiles.stop']);
      await strict.start();
      const asking = MessageClient.over({ transport: Transport.NATS, options: loginOf(strict) });
      try {
        const product = await startProcess({ MICROSERVICE_URL: strict.url });
        await until('it says so', () =>
          Promise.resolve(/permissions? ?violation/i.test(product.output())),
        );
        expect(await stateOf(product)).toEqual({ transport: 'nats', status: 'down' });
        strict.deny([]);
        await isUp(product);
        expect(await asking.ask('workfiles.stop', {})).toMatchObject({ status: 401 });
      } finally {
        await asking.close();
        await strict.kill();
      }
    });

    it('says that an answer is larger than the broker takes', async () => {
      const small = await aNatsServer(USER, BROKER_PASSWORD, { maxPayload: 2048 });
      await small.start();
      const asking = MessageClient.over({ transport: Transport.NATS, options: loginOf(small) });
      try {
        const product = await startProcess({ MICROSERVICE_URL: small.url });
        await isUp(product);
        const { token } = await new TestClient(product.ready).login('owner');
        const answer = await asking.ask('workfiles.show', { session_id: token, id: GOLF_FLOW });
        expect(answer).toEqual({
          status: 500,
          errors: { message: expect.stringContaining('could not be sent') },
          request_id: expect.any(String),
        });
        expect(await asking.ask('workfiles.show', {})).toMatchObject({ status: 401 });
      } finally {
        await asking.close();
        await small.kill();
      }
    });
  },
);
