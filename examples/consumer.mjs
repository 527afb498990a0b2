// A service that runs and stops workflows by messages (docs/messages.md). Plain Node with @nestjs/microservices and rxjs;
// @nats-io/transport-node or ioredis for those brokers.
//
//   node examples/consumer.mjs show 1000004
//   node examples/consumer.mjs run 1000004
//   node examples/consumer.mjs stop 1000004 "wrong filter"
//   node examples/consumer.mjs proof 7b5f3a52-93f5-4a6f-9c26-3f6f0a2a51a1
//
// FERMATA_MESSAGES  tcp://127.0.0.1:8090 (default), tls://…, nats://… or redis://…
// FERMATA_CA        PEM file of the authority behind tls:// of TCP
// FERMATA_SESSION   session id of a login; without it FERMATA_URL, FERMATA_USER and FERMATA_PASSWORD log in over HTTP
//
// Writes the answer as JSON. Ends with 0 when it was done, 1 when it was refused, 2 when nobody answered.
import { Logger } from '@nestjs/common';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, timeout } from 'rxjs';

// Standard output is for the answer.
Logger.overrideLogger(['error']);

const ANSWER_MS = 10_000;
const TRY_AGAIN_MS = 500;
const PROOF_MS = 60_000;

class Refused extends Error {
  /** @param {object} answer `status`, `errors`, `request_id` */
  constructor(answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

function connect(address) {
  const { protocol, hostname, port, username, password } = new URL(address);
  const login = {
    ...(username && { user: decodeURIComponent(username) }),
    ...(password && { pass: decodeURIComponent(password) }),
  };
  const redisLogin = {
    ...(login.user && { username: login.user }),
    ...(login.pass && { password: login.pass }),
  };
  switch (protocol) {
    case 'tcp:':
    case 'tls:': {
      const ca = process.env.FERMATA_CA && readFileSync(process.env.FERMATA_CA);
      const tlsOptions = protocol === 'tls:' ? { tlsOptions: { ca } } : {};
      const options = { host: hostname, port: Number(port), ...tlsOptions };
      return ClientProxyFactory.create({ transport: Transport.TCP, options });
    }
    case 'nats:': {
      const options = { servers: [`${hostname}:${port || 4222}`], ...login };
      return ClientProxyFactory.create({ transport: Transport.NATS, options });
    }
    case 'redis:': {
      const options = { host: hostname, port: Number(port || 6379), ...redisLogin };
      return ClientProxyFactory.create({ transport: Transport.REDIS, options });
    }
    default:
      throw new Error(`FERMATA_MESSAGES cannot be ${protocol}//…`);
  }
}

/** One request, and its answer. @throws Refused, or the error of a connection or of the time limit */
async function ask(client, pattern, payload) {
  try {
    return await firstValueFrom(client.send(pattern, payload).pipe(timeout(ANSWER_MS)));
  } catch (error) {
    throw typeof error?.status === 'number' ? new Refused(error) : error;
  }
}

/** As `ask`, again until somebody answers: only for what may be done twice, as a stop and a look may. */
async function askUntilAnswered(client, pattern, payload, deadline) {
  for (;;) {
    try {
      return await ask(client, pattern, payload);
    } catch (error) {
      const isFinal = error instanceof Refused && error.answer.status < 500;
      if (isFinal || performance.now() > deadline) throw error;
      await sleep(TRY_AGAIN_MS);
    }
  }
}

/** Stops, and comes back with the run once its receipt proves that it is over. */
async function stop(client, session, id, reason) {
  const deadline = performance.now() + PROOF_MS;
  const payload = { ...session, id, ...(reason && { reason }) };
  const stopped = await askUntilAnswered(client, 'workfiles.stop', payload, deadline);
  // Nothing was active.
  if (stopped.run_id === null) return stopped;
  for (;;) {
    const seen = { ...session, id: stopped.run_id };
    const run = await askUntilAnswered(client, 'runs.show', seen, deadline);
    if (run.response.stop_receipt !== null) return run;
    if (performance.now() > deadline) throw new Error(`run ${stopped.run_id} is still stopping`);
    await sleep(TRY_AGAIN_MS);
  }
}

async function logIn() {
  const { FERMATA_SESSION, FERMATA_URL, FERMATA_USER, FERMATA_PASSWORD } = process.env;
  if (FERMATA_SESSION) return { session_id: FERMATA_SESSION };
  const answer = await fetch(`${FERMATA_URL}/api/sessions?session_id=NULL`, {
    method: 'POST',
    body: new URLSearchParams({ username: FERMATA_USER ?? '', password: FERMATA_PASSWORD ?? '' }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Refused({ status: answer.status, ...body });
  return { session_id: body.response.session_id };
}

const [command, id, reason] = process.argv.slice(2);
const commands = {
  show: (client, session) => ask(client, 'workfiles.show', { ...session, id }),
  // Not repeated by itself: after a lost answer `show` tells whether it runs.
  run: (client, session) => ask(client, 'workfiles.run', { ...session, id }),
  stop: (client, session) => stop(client, session, id, reason),
  proof: (client, session) => ask(client, 'runs.show', { ...session, id }),
};

const client = connect(process.env.FERMATA_MESSAGES ?? 'tcp://127.0.0.1:8090');
try {
  if (!Object.hasOwn(commands, command ?? '')) throw new Error('show, run, stop or proof');
  const answer = await commands[command](client, await logIn());
  process.stdout.write(`${JSON.stringify(answer)}\n`);
} catch (error) {
  if (error instanceof Refused) process.stdout.write(`${JSON.stringify(error.answer)}\n`);
  else process.stderr.write(`${error?.message ?? error}\n`);
  process.exitCode = error instanceof Refused ? 1 : 2;
} finally {
  try {
    await client.close();
  } catch {
    // A broker that is gone cannot be taken leave of.
  }
}
