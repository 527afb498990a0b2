import { expect, it } from '@jest/globals';
import { Transport } from '@nestjs/microservices';
import { Redis } from 'ioredis';
import { BROKER_PASSWORD, describeBroker } from '../support/broker-scenario.js';
import { MessageClient } from '../support/message-client.js';
import { startRedis } from '../support/redis-server.js';
import { GOLF_FLOW } from '../support/runs.js';
import { TestClient } from '../support/test-client.js';
import { testFolder } from '../support/test-server.js';
import { until } from '../support/wait.js';

describeBroker(
  'redis',
  async () => {
    const redis = await startRedis(testFolder('messages'), { password: BROKER_PASSWORD });
    await redis.kill();
    return redis;
  },
  ({ url }) =>
    MessageClient.over({
      transport: Transport.REDIS,
      options: { host: '127.0.0.1', port: Number(new URL(url).port), password: BROKER_PASSWORD },
    }),
  ({ broker, startProcess, isUp, stateOf, client }) => {
    it('needs no more rights in Redis than documented', async () => {
      await broker().kill();
      await broker().start();
      const asked = async (...[command, ...values]: [string, ...string[]]) => {
        const admin = new Redis(broker().url);
        return admin.call(command, ...values).finally(() => {
          admin.disconnect();
        });
      };
      await asked(
        ...['ACL', 'SETUSER', 'fermata', 'on', `>${BROKER_PASSWORD}`, 'resetchannels'],
        ...[
          '&workfiles.*',
          '&runs.*',
          '~fermata:message:*',
          '+subscribe',
          '+publish',
          '+ping',
          '+set',
        ],
      );
      const url = broker().url.replace('//:', '//fermata:');
      const product = await startProcess({ MICROSERVICE_URL: url });
      await isUp(product);
      const { token } = await new TestClient(product.ready).login('owner');
      expect(
        await client().ask('workfiles.show', { session_id: token, id: GOLF_FLOW }),
      ).toMatchObject({ status: 200 });
      expect(product.output()).not.toContain('out of reach');

      await asked('ACL', 'SETUSER', 'fermata', '-subscribe');
      await asked('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until('it is refused', async () =>
        JSON.stringify(await asked('ACL', 'LOG')).includes('"subscribe"'),
      );
      expect(await stateOf(product)).toEqual({ transport: 'redis', status: 'down' });
      await asked('ACL', 'SETUSER', 'fermata', '+subscribe');
      await isUp(product);
      expect(await product.kill('SIGTERM')).toBe(0);
    });

    it('bears whatever is published, and takes an id once', async () => {
      await broker().kill();
      await broker().start();
      const product = await startProcess({ BODY_LIMIT_BYTES: '4096' });
      await isUp(product);
      const { token } = await new TestClient(product.ready).login('owner');
      const redis = new Redis(broker().url);
      const listener = redis.duplicate();
      const answers: any[] = [];
      listener.on('message', (_channel, text) => answers.push(JSON.parse(text)));
      const answered = (count: number) =>
        until(`${count} answers`, () => Promise.resolve(answers.length === count));
      try {
        await listener.subscribe('workfiles.show.reply');
        const packet = (id: unknown, data: unknown) =>
          JSON.stringify({ pattern: 'workfiles.show', id, data });
        const payload = { session_id: token, id: GOLF_FLOW };
        for (const broken of ['', '{', 'null', '[]', '7', '\0', 'x'.repeat(5000)])
          await redis.publish('workfiles.show', broken);
        await redis.publish('workfiles.show', packet('large', 'x'.repeat(5000)));
        await redis.publish('workfiles.show', packet('i'.repeat(129), payload));
        await redis.publish('workfiles.show', packet(7, payload));
        await redis.publish('workfiles.show', packet('text', 'text'));
        await answered(1);
        expect(answers[0]).toMatchObject({ id: 'text', err: { status: 400 } });
        for (let time = 0; time < 3; time += 1)
          await redis.publish('workfiles.show', packet('twice', payload));
        await redis.publish('workfiles.show', packet('last', payload));
        const isAnswered = (asked: string) => answers.some(({ id }) => id === asked);
        await until('the last answers', () =>
          Promise.resolve(isAnswered('twice') && isAnswered('last')),
        );
        expect(answers.filter(({ id }) => id === 'twice')).toMatchObject([
          { response: { status: 200 } },
        ]);
        expect(product.output()).not.toContain(token);
      } finally {
        redis.disconnect();
        listener.disconnect();
      }
    });
  },
);
