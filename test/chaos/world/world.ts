import { mkdirSync, rmSync } from 'node:fs';
import { demoDataUrl } from '../../../src/demo/demo-warehouse.js';
import { storeFlows } from '../../support/many-flows.js';
import type { TestRedis } from '../../support/redis-server.js';
import type { ProxyMode, SlowOptions } from '../../support/tcp-proxy.js';
import { TEST_KEY } from '../../support/test-key.js';
import type { History } from '../history/history.js';
import { Api } from './api.js';
import { Audit } from './audit.js';
import { Bystanders } from './bystanders.js';
import type { ChaosFlow } from './chaos-flows.js';
import { HttpClient } from './http-client.js';
import { leftovers } from './leftovers.js';
import { Outputs } from './outputs.js';
import { type Network, type Parts, startParts, type WorldOptions } from './parts.js';
import type { Database } from './postgres-server.js';
import type { Product } from './product.js';
import { SessionWatch } from './session-watch.js';

/**
 * The product in several processes, with a metadata database and a data source of its own, each behind a proxy, and
 * whoever watches: observer, audit, bystanders. Everything is real, and everything can be broken.
 */
export class World {
  readonly watch: SessionWatch;
  readonly audit: Audit;
  readonly outputs: Outputs;
  private readonly http = new HttpClient();
  private readonly bystanders: Bystanders | null;
  private readonly flows = new Map<number, ChaosFlow>();
  private cookie = '';
  /** The latest run somebody asked for. */
  private latestRun: string | null = null;

  private constructor(
    private readonly parts: Parts,
    readonly history: History,
    { bystanders = 0, watchPauseMs }: WorldOptions,
  ) {
    const { metadata, data } = parts;
    this.watch = new SessionWatch(data.url('default'), history, watchPauseMs);
    this.audit = new Audit(metadata.url('fermata'), data.url('default'), history);
    this.outputs = new Outputs(data.url('default'), history);
    const account = demoDataUrl({ databaseUrl: data.url('default'), secretKey: TEST_KEY });
    this.bystanders =
      bystanders === 0 ? null : new Bystanders(account, history, bystanders, () => this.latestRun);
  }

  /** @param logs folder for what the processes write; emptied */
  static async start(options: WorldOptions, history: History, logs: string): Promise<World> {
    rmSync(logs, { recursive: true, force: true });
    mkdirSync(logs, { recursive: true });
    const parts = await startParts(options, history, logs);
    const world = new World(parts, history, options);
    try {
      await Promise.all([world.audit.install(), world.outputs.install()]);
      await world.start();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  get metadata(): Database {
    return this.parts.metadata;
  }

  get data(): Database {
    return this.parts.data;
  }

  get redis(): TestRedis | null {
    return this.parts.redis;
  }

  get apis(): readonly Product[] {
    return this.parts.apis;
  }

  get workers(): readonly Product[] {
    return this.parts.workers;
  }

  get products(): readonly Product[] {
    return [...this.apis, ...this.workers];
  }

  /** A client of one API process, logged in. */
  api(index = 0): Api {
    const product = this.apis[index];
    if (product === undefined) throw new Error(`there is no API ${index}`);
    return new Api(product.url, this.http, this.history).use(this.cookie);
  }

  worker(index = 0): Product {
    const product = this.workers[index];
    if (product === undefined) throw new Error(`there is no worker ${index}`);
    return product;
  }

  /** The worker that executes a run; null when it is none of those that live. */
  async workerOf(run: string): Promise<Product | null> {
    const [row] = await this.audit.query<{ worker: string | null }>(
      'SELECT worker_id AS worker FROM runs WHERE id = $1',
      [run],
    );
    const pid = Number(row?.worker?.split(':')[1]);
    return this.products.find((product) => product.pid === pid) ?? null;
  }

  /** Workflows with this document. @returns ids of their workfiles */
  async store(flow: ChaosFlow, count = 1): Promise<number[]> {
    const ids = await storeFlows({ url: this.metadata.url('fermata') }, count, flow.afm);
    for (const id of ids) this.flows.set(id, flow);
    return ids;
  }

  flowOf(workfile: number): ChaosFlow | undefined {
    return this.flows.get(workfile);
  }

  /** Asks for a run. @returns its id, or null when there was no answer. @throws Error when it was refused */
  async run(workfile: number, api = this.api()): Promise<string | null> {
    const answer = await api.run(workfile);
    if (answer === null) return null;
    if (answer.run === null)
      throw new Error(`run of ${workfile}: ${answer.http} ${JSON.stringify(answer.body)}`);
    this.latestRun = answer.run;
    return answer.run;
  }

  async network(which: Network, mode: ProxyMode, slowness?: SlowOptions): Promise<void> {
    this.history.fault(`network ${mode}`, which);
    await this.parts.networks[which].set(mode, slowness);
  }

  /** SIGKILL to a server. */
  async kill(which: Network): Promise<void> {
    this.history.fault('SIGKILL', which);
    const server = which === 'metadata' ? this.metadata : this.data;
    await server.kill();
    if (server === this.data) this.audit.dataSourceDied();
  }

  /** SIGKILL to one of the data source's sessions: the server ends all others and recovers. */
  killBackend(pid: number): void {
    this.history.fault('SIGKILL', `backend ${pid}`);
    process.kill(pid, 'SIGKILL');
    this.audit.dataSourceDied();
  }

  /** Open connections drop everything for ever without a word; new ones work. */
  sever(which: Network): void {
    this.history.fault('network severed', which);
    this.parts.networks[which].sever();
  }

  /** Resets the open connections, once. */
  cut(which: Network): void {
    this.history.fault('network cut', which);
    this.parts.networks[which].cut();
  }

  /** Starts what is dead, heals what is ill. */
  async heal(): Promise<void> {
    for (const product of this.products) product.thaw();
    for (const which of ['data source', 'metadata'] as const)
      if (this.parts.networks[which].mode !== 'pass') await this.network(which, 'pass');
    if (this.redis?.isAlive === false) await this.redis.start();
    // The embedded server needs its product.
    if (this.metadata === this.data) await this.start();
    for (const server of [this.metadata, this.data]) if (!server.isAlive) await server.start();
    await this.start();
  }

  /** Writes down what should not be there when these runs, and all others, are over. */
  async leftovers(runs: readonly string[]): Promise<void> {
    const left = await leftovers(runs, {
      data: (sql, values) => this.outputs.query(sql, values),
      metadata: (sql, values) => this.audit.query(sql, values),
      innocent: () => this.bystanders?.pids ?? [],
    });
    for (const one of left) this.history.record({ kind: 'leftover', ...one });
  }

  /** Before a piece of the history is checked: what is still there is written down. */
  async flush(): Promise<void> {
    await this.bystanders?.flush();
    this.watch.flush();
  }

  async close(): Promise<void> {
    await this.bystanders?.close();
    this.http.close();
    await Promise.all(this.products.map((product) => product.kill()));
    await Promise.all([this.watch.close(), this.audit.close(), this.outputs.close()]);
    const { metadata, data, networks, redis } = this.parts;
    await Promise.all([networks['data source'].close(), networks.metadata.close()]);
    await Promise.all([...new Set([metadata, data])].map((server) => server.stop()));
    await redis?.kill();
  }

  private async start(): Promise<void> {
    const dead = this.products.filter(({ isAlive }) => !isAlive);
    await Promise.all(dead.map((one) => one.start()));
    if (this.cookie === '' && this.apis.length > 0) this.cookie = await this.api().login('owner');
  }
}
