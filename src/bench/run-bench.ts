import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiSession } from '../demo/api-session.js';
import { SessionObserver } from '../demo/session-observer.js';
import { CancelFloor } from './cancel-floor.js';
import { Child } from './child.js';
import { type EngineFigures, EngineOverhead } from './engine-overhead.js';
import { compareLists, FilledServer, LIST_CASES } from './list-latency.js';
import { percentiles, row } from './percentiles.js';
import { sampleStop, type StopSample } from './stop-latency.js';
import { type Throughput, throughput } from './throughput.js';

const WORKFILE = '/api/workfiles/1000004';
const [, , ...words] = process.argv;
/** `npm run bench -- stops|engine|lists` runs one part; a number is how many stops are measured. */
const only = words.find((word) => ['stops', 'engine', 'lists'].includes(word));
const runs = (part: string) => only === undefined || only === part;
const STOPS = Number(words.find((word) => /^\d+$/.test(word)) ?? 200);
const WARM_UP = 10;
const SECONDS = 6;
const FEW = 1000;
const MANY = 1_000_000;

const say = (line = '') => process.stdout.write(`${line}\n`);
const module = (name: string) => join(import.meta.dirname, name);

const dataDirs: string[] = [];
const product = await startProduct();
try {
  say(`${cpus()[0]?.model ?? 'unknown CPU'} x ${cpus().length}, Node ${process.version}`);
  say(
    `One process with API and worker, embedded PostgreSQL with its default durability (fsync on).`,
  );
  if (runs('stops')) {
    await latencies();
    await throughputs();
  }
  if (runs('engine')) await engine();
  if (runs('lists')) await lists();
} finally {
  await product.close();
  for (const dataDir of dataDirs) await rm(dataDir, { recursive: true, force: true });
}

/** The product with a database of its own. */
async function startProduct(): Promise<Child> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fermata-bench-'));
  dataDirs.push(dataDir);
  await chmod(dataDir, 0o755);
  return Child.start(module('product-server.js'), {
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'warn',
  });
}

/** Floor and product take turns, so that both see the same machine. */
async function latencies(): Promise<void> {
  const dataUrl = new URL(product.details['databaseUrl'] ?? '');
  dataUrl.pathname = '/default';
  const observers = {
    dying: await SessionObserver.on(dataUrl.href),
    answered: await SessionObserver.on(dataUrl.href),
  };
  const floor = await CancelFloor.on(dataUrl.href);
  const session = await ApiSession.login(product.url, 'owner', 'secret');
  const stops: StopSample[] = [];
  const errors: number[] = [];
  const deaths: number[] = [];
  for (let i = -WARM_UP; i < STOPS; i++) {
    const stop = await sampleStop(session, observers, WORKFILE);
    const error = await floor.untilError(stop.statement);
    const death = await floor.untilDead(stop.statement);
    if (i < 0) continue;
    stops.push(stop);
    errors.push(error);
    deaths.push(death);
    if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${STOPS} stops`);
  }
  await Promise.all([observers.dying.close(), observers.answered.close(), floor.close()]);

  const base = percentiles(errors);
  const dead = percentiles(stops.map(({ sqlDead }) => sqlDead));
  const answered = percentiles(stops.map((stop) => stop.answered));
  say(`\n${'milliseconds'.padEnd(46)}${'n'.padStart(6)}      p50      p95      p99      max`);
  say(row('floor: raw cancel -> 57014 at the client', base));
  say(row('floor: raw cancel -> SQL dead (observer)', percentiles(deaths)));
  say(row('stop request -> SQL dead (observer)', dead));
  say(row('stop request -> 202', answered));
  say(row('run request -> first statement', percentiles(stops.map((s) => s.firstStatement))));
  const idle = stops.filter(({ status }) => status === 'idle').length;
  const left = stops.reduce((sum, stop) => sum + stop.left, 0);
  say(`answers "idle": ${idle} of ${stops.length}; tagged sessions seen after the answer: ${left}`);
  aim('SQL dead p50 / floor p50', dead.p50 / base.p50, '<=', 3);
  aim('SQL dead p99, ms', dead.p99, '<=', 20);
  aim('202 p50, ms', answered.p50, '<=', 10);
}

/** Idle stop and show against a bare Fastify + pg route with the same SQL and the same bytes. */
async function throughputs(): Promise<void> {
  const session = await ApiSession.login(product.url, 'owner', 'secret');
  const wishes = [
    { label: 'idle stop', method: 'POST', path: `${WORKFILE}/stop`, status: 202 },
    { label: 'show', method: 'GET', path: WORKFILE, status: 200 },
  ] as const;
  const routes = [];
  for (const { method, path, status } of wishes) {
    const statements = await product.recorded(() => session.call(method, path));
    const { body } = await session.call(method, path);
    routes.push({ method, path, status, body: JSON.stringify({ response: body }), statements });
  }
  const bare = await Child.start(module('bare-server.js'), {
    BARE_ROUTES: JSON.stringify(routes),
    BARE_DATABASE_URL: product.details['databaseUrl'] ?? '',
  });
  try {
    say(
      `\n${'requests per second, 16 connections'.padEnd(46)}${'statements'.padStart(10)}    bare   product   ratio`,
    );
    for (const [i, { label, ...wish }] of wishes.entries()) {
      const load = (url: string): Promise<Throughput> =>
        throughput({ ...wish, url: url + wish.path, cookie: session.cookie, seconds: SECONDS });
      await load(product.url);
      // Taking turns again; the means of two rounds each.
      const rounds: { bare: Throughput; product: Throughput }[] = [];
      for (let round = 0; round < 2; round++)
        rounds.push({ bare: await load(bare.url), product: await load(product.url) });
      const mean = (of: 'bare' | 'product') =>
        rounds.reduce((sum, one) => sum + one[of].requestsPerSecond, 0) / rounds.length;
      const bad = rounds.reduce((sum, one) => sum + one.bare.bad + one.product.bad, 0);
      const ratio = mean('product') / mean('bare');
      say(
        `${label.padEnd(46)}${String(routes[i]?.statements.length).padStart(10)}` +
          `${mean('bare').toFixed(0).padStart(8)}${mean('product').toFixed(0).padStart(10)}${ratio.toFixed(2).padStart(8)}` +
          (bad > 0 ? `   ${bad} BAD ANSWERS` : ''),
      );
      aim(`${label}: product / bare`, ratio, '>=', 0.7);
    }
  } finally {
    await bare.close();
  }
}

/** The engine against the same SQL sent by hand. */
async function engine(): Promise<void> {
  const session = await ApiSession.login(product.url, 'owner', 'secret');
  const overhead = await EngineOverhead.on(session, product.details['databaseUrl'] ?? '');
  try {
    say(
      `\n${'engine, milliseconds'.padEnd(46)}${'operators'.padStart(10)}    hand   product    more`,
    );
    const small = await overhead.smallOperators();
    say(engineRow('chain of small filters', small));
    const each = (small.productMs - small.handMs) / small.operators;
    aim('overhead per operator, ms', each, '<=', 3);
    if (words.includes('small')) return;
    const big = await overhead.tenMillionRows();
    say(engineRow('filter, join, aggregate 10,000,000 rows', big));
    const share = ((big.productMs - 100) / big.handMs - 1) * 100;
    aim('10 million rows: percent above the hand, 100 ms left out', share, '<=', 5);
  } finally {
    await overhead.close();
  }
}

/** Lists of a workspace with a thousand and with a million workfiles, counts included. */
async function lists(): Promise<void> {
  const other = await startProduct();
  try {
    const small = await FilledServer.of(other, FEW);
    const large = await FilledServer.of(product, MANY);
    say(
      `\n${'lists, p50 milliseconds'.padEnd(46)}${FEW.toLocaleString('en').padStart(10)}${MANY.toLocaleString('en').padStart(12)}   ratio`,
    );
    for (const one of LIST_CASES) {
      const figures = await compareLists(one, small, large);
      if (figures === null) {
        say(`${one.label.padEnd(46)}    no such route`);
        continue;
      }
      const { smallMs, largeMs } = figures;
      const ratio = largeMs / smallMs;
      say(
        `${one.label.padEnd(46)}${smallMs.toFixed(1).padStart(10)}${largeMs.toFixed(1).padStart(12)}${ratio.toFixed(2).padStart(8)}`,
      );
      if (one.aim !== null) aim(one.label, ratio, '<=', one.aim);
    }
  } finally {
    await other.close();
  }
}

function engineRow(label: string, { handMs, productMs, operators }: EngineFigures): string {
  const columns = [handMs, productMs, productMs - handMs].map((ms) => ms.toFixed(0).padStart(8));
  return `${label.padEnd(46)}${String(operators).padStart(10)}${columns.join('  ')}`;
}

function aim(what: string, value: number, relation: '<=' | '>=', bound: number): void {
  const met = relation === '<=' ? value <= bound : value >= bound;
  say(`  aim: ${what} ${relation} ${bound}: ${value.toFixed(2)} ${met ? 'met' : 'MISSED'}`);
}
