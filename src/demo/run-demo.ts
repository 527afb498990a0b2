import { once } from 'node:events';
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../common/errors/startup-error.js';
import { loadConfig } from '../config/load-config.js';
import type { AppConfig } from '../config/app-config.js';
import { runUntilSignalled } from '../run-until-signalled.js';
import { runTag } from '../runs/run-tag.js';
import { type RunningServer, startServer } from '../start-server.js';
import { ApiSession } from './api-session.js';
import { shownDemoPassword } from './demo-logins.js';
import { demoDataUrl } from './demo-warehouse.js';
import { doubts, interruptedOutputs, type Relation } from './stop-proof.js';
import { type ObservedSession, SessionObserver } from './session-observer.js';

const WORKFILE = '/api/workfiles/1000004';
// Long enough to see the big join at work, so that there is something to stop.
const WATCH_MS = 3000;
const START_DEADLINE_MS = 60_000;

const say = (text = '') => process.stdout.write(`${text}\n`);

/** Boots the product, runs the documented workflow, stops it, and shows the proof. @returns whether the proof holds */
async function demonstrate(server: RunningServer): Promise<boolean> {
  const { url, config } = server;
  const observer = await SessionObserver.on(demoDataUrl(config));
  try {
    say(`1. log in         POST ${url}/api/sessions  as owner`);
    const session = await ApiSession.login(url, 'owner', config.demoPassword);
    const before = await session.call('GET', WORKFILE);
    if (before.body['status'] !== 'idle') {
      say('                  a run of an earlier session is still active: stopping it first');
      await untilIdle(session);
    }

    const started = await session.call('POST', `${WORKFILE}/run`);
    if (started.status !== 202) throw new Error(`run was answered with ${started.status}`);
    const runPath = started.headers.location ?? '';
    const tag = runTag(runPath.split('/').at(-1) ?? '');
    say(`2. run            POST ${WORKFILE}/run   -> 202 status "${text(started.body['status'])}"`);
    const working = await watch(observer, tag);
    say(`3. it works       pid ${working.pid} in pg_stat_activity: ${oneLine(working.query)}`);
    await progress(session, runPath);

    const stopped = await session.call('POST', `${WORKFILE}/stop`);
    const left = await observer.sessions(tag);
    say();
    say(
      `4. stop           POST ${WORKFILE}/stop  -> ${stopped.status} status "${text(stopped.body['status'])}"` +
        ` after ${stopped.ms.toFixed(1)} ms`,
    );
    const receipt = await session.call('GET', runPath);
    say(`5. receipt        GET ${runPath}`);
    say(indent(JSON.stringify(receipt.body['stop_receipt'], null, 2)));
    const wanted = interruptedOutputs(receipt.body);
    const outputs = await existing(observer, wanted);
    say(`6. proof          seen by a session of its own in the data source:`);
    say(`                  sessions tagged ${tag}: ${left.length}`);
    const there = outputs.length > 0 ? 'there' : wanted.length > 0 ? 'none' : 'not looked for';
    say(`                  output of the interrupted operator: ${there}`);
    const against = doubts({ answer: stopped, run: receipt.body, sessions: left.length, outputs });
    for (const doubt of against) say(`                  ${doubt}`);
    const holds = against.length === 0;
    say(`\n${holds ? 'Stop means stopped.' : 'THE PROOF DOES NOT HOLD.'}\n`);
    return holds;
  } finally {
    await observer.close();
  }
}

async function untilIdle(session: ApiSession): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline)
    if ((await session.call('POST', `${WORKFILE}/stop`)).body['status'] === 'idle') return;
  throw new Error('the run of an earlier session cannot be stopped: see the log');
}

/** Waits until the run's SQL is seen at work in the data source. */
async function watch(observer: SessionObserver, tag: string): Promise<ObservedSession> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    const working = (await observer.sessions(tag)).find(
      ({ state, query }) => state === 'active' && query.includes('JOIN "demo"'),
    );
    if (working !== undefined) return working;
    await sleep(20);
  }
  throw new Error('the SQL of the run was not seen in pg_stat_activity');
}

/** Lets it work for a while, with a line a second. */
async function progress(session: ApiSession, runPath: string): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < WATCH_MS) {
    const { body } = await session.call('GET', runPath);
    const steps = (body['steps'] ?? []) as { name: string; status: string }[];
    const states = steps.map(({ name, status }) => `${name}: ${status}`).join(', ');
    say(`   ${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s          ${states}`);
    await sleep(1000);
  }
}

async function existing(
  observer: SessionObserver,
  relations: readonly Relation[],
): Promise<Relation[]> {
  const found: Relation[] = [];
  for (const one of relations)
    if (await observer.relationExists(one.schema, one.table)) found.push(one);
  return found;
}

async function start(config: AppConfig): Promise<RunningServer> {
  try {
    return await startServer(config);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE' || process.env['PORT']) throw error;
    say(`port ${config.port} is taken, using a free one`);
    return startServer({ ...config, port: 0 });
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function oneLine(query: string): string {
  const line = query.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 90)} …` : line;
}

function indent(block: string): string {
  return block.replace(/^/gm, '                  ');
}

await runUntilSignalled(async (told) => {
  const isOnce = process.argv.includes('--once');
  const settings = loadConfig({ LOG_LEVEL: 'warn', ...process.env });
  if (!settings.demoData)
    throw new StartupError(
      'the demo needs the demo world: set DEMO_DATA=true, or leave DATABASE_URL unset',
    );
  say('starting the server and its database …');
  const server = await start(settings);
  const interrupted = told.aborted ? null : once(told, 'abort').then(() => null);
  const holds = await Promise.race([demonstrate(server), interrupted]).catch(
    async (error: unknown) => {
      await server.close();
      throw error;
    },
  );
  if (isOnce) {
    await server.close();
    process.exit(holds === true ? 0 : 1);
  }
  if (holds === null) return server;
  const { url, config } = server;
  const password = shownDemoPassword(config);
  say(`Serving on, until Ctrl-C. Swagger UI: ${url}/docs  (owner / ${password})`);
  say(
    `Try:  curl -s -c /tmp/fermata -d "username=owner&password=${password}" ${url}/api/sessions >/dev/null`,
  );
  say(`      curl -s -b /tmp/fermata -X POST ${url}${WORKFILE}/run | head -c 300; echo`);
  say(`      curl -i -b /tmp/fermata -X POST ${url}${WORKFILE}/stop`);
  return server;
});
