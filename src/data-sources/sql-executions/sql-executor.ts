import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { ConnectionTargets } from '../connection-targets.js';
import { ConnectorRegistry } from '../connectors/connector-registry.js';
import { ConnectionFailed, ConnectionLost } from '../connectors/connector.js';
import type { SqlSession } from '../connectors/sql-session.js';
import { Controls } from '../controls.js';
import { CommitUnknown, SqlInterrupted } from './sql-errors.js';
import type { SqlOutcome } from './sql-execution.entity.js';
import { SqlKiller } from './sql-killer.js';
import { SqlLedger, type SqlSubject } from './sql-ledger.js';
import { SqlProblems } from './sql-problems.js';
import {
  ROW_LIMITS,
  runScript,
  type SqlFacts,
  type SqlScript,
  type SqlSink,
} from './sql-script.js';
import { SqlStops } from './sql-stops.js';
import { sqlTag } from './sql-tag.js';

/** An SQL text to execute, and in whose name. */
export interface SqlTask {
  readonly checkId: string;
  readonly userId: number;
  readonly subject: SqlSubject;
  readonly databaseId: number;
  readonly accountId: number;
  /** Where names are looked up first; null: as the account has it. */
  readonly schema: string | null;
  readonly script: SqlScript;
  /** True when the text is ours: then only what it is about can be wrong with it. */
  readonly isOurs?: boolean;
}

/** What may be in flight when a connection is lost: then nobody knows whether it took effect. */
const ENDS_TRANSACTION = /\b(commit|end|prepare\s+transaction)\b/i;

/** An execution that this process drives. */
interface Driven {
  readonly done: Promise<unknown>;
  session?: SqlSession;
}

/**
 * Executes ad-hoc SQL, with the guarantees of a run: its row is committed before a session is opened, the kill handle
 * before a statement is sent, and it ends only when the session is gone.
 */
@Injectable()
export class SqlExecutor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SqlExecutor.name);
  /** Names this process in the rows it owns. */
  private readonly processId = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  private readonly active = new Map<string, Driven>();
  private renewing: NodeJS.Timeout | undefined;
  private isClosing = false;

  constructor(
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly controls: Controls,
    private readonly ledger: SqlLedger,
    private readonly stops: SqlStops,
    private readonly killer: SqlKiller,
    private readonly problems: SqlProblems,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    const everyMs = (this.config.leaseSeconds * 1000) / 3;
    this.renewing = setInterval(() => void this.renew(), everyMs).unref();
  }

  /** What is under way is cancelled; its clients are told so. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    const under = [...this.active];
    await Promise.allSettled(under.map(([id]) => this.stops.request(id, 'shutdown')));
    await Promise.allSettled(under.map(([, { done }]) => done));
    clearInterval(this.renewing);
  }

  /**
   * @param sink gets the rows of the last statement
   * @param gone aborts when nobody waits for the result any more: then it is cancelled
   * @throws CheckIdTaken, TooManyExecutions, QueryInvalid, SqlPermissionDenied, InvalidCredentials, DataSourceProblem
   */
  async execute(task: SqlTask, sink: SqlSink, gone: AbortSignal): Promise<SqlFacts> {
    const id = await this.ledger.begin({ ...task, processId: this.processId });
    const done = this.supervised(id, task, sink, gone);
    this.active.set(id, { done });
    return done.finally(() => this.active.delete(id));
  }

  private async supervised(
    id: string,
    task: SqlTask,
    sink: SqlSink,
    gone: AbortSignal,
  ): Promise<SqlFacts> {
    const over = new AbortController();
    const cancel = (reason: 'client_gone' | 'timeout' | 'shutdown') => () => {
      void this.cancel(id, reason, over.signal);
    };
    const leave = cancel('client_gone');
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
    if (this.isClosing) cancel('shutdown')();
    const timer = setTimeout(cancel('timeout'), this.config.sqlTimeoutSeconds * 1000);
    try {
      return await this.perform(id, task, sink, gone);
    } finally {
      over.abort();
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
    }
  }

  /** Until it is on record, or the execution is over. */
  private async cancel(
    id: string,
    reason: 'client_gone' | 'timeout' | 'shutdown',
    over: AbortSignal,
  ): Promise<void> {
    while (!over.aborted)
      try {
        await this.stops.request(id, reason);
        return;
      } catch (error) {
        this.logger.warn({ message: 'SQL cancel not recorded', executionId: id, error });
        await sleep(this.config.stopRepeatMs, undefined, { ref: false });
      }
  }

  private async perform(
    id: string,
    task: SqlTask,
    sink: SqlSink,
    gone: AbortSignal,
  ): Promise<SqlFacts> {
    let session: SqlSession | undefined;
    let outcome: SqlOutcome = 'never_started';
    let mayBeOpen = true;
    // Nobody waits for it any more, whether or not that could be recorded.
    const assertAwaited = () => {
      if (gone.aborted) throw new SqlInterrupted();
    };
    try {
      session = await this.open(id, task);
      const driven = this.active.get(id);
      if (driven !== undefined) driven.session = session;
      await this.ledger.opened(id, session.handle);
      outcome = 'rolled_back';
      const facts = await runScript(session, task.script, this.patient(id, sink), {
        assertGoesOn: async () => {
          assertAwaited();
          await this.ledger.assertGoesOn(id);
        },
        commit: async (transaction) => {
          assertAwaited();
          await this.ledger.commit(id, transaction);
        },
        untransacted: () => (outcome = 'unknown'),
      });
      outcome = 'committed';
      return facts;
    } catch (error) {
      mayBeOpen = session !== undefined || (error instanceof ConnectionFailed && error.doubtful);
      const mayHaveEnded =
        error instanceof ConnectionLost && ENDS_TRANSACTION.test(task.script.statements.join(';'));
      if (error instanceof CommitUnknown || session?.endedItself === true || mayHaveEnded)
        outcome = 'unknown';
      const reason = await this.ledger.cancelReason(id).catch(() => null);
      throw await this.problems.of(error, task, reason);
    } finally {
      await this.finish(id, task, session, mayBeOpen, outcome);
    }
  }

  private async open(id: string, { databaseId, accountId, schema }: SqlTask): Promise<SqlSession> {
    const target = await this.targets.find(databaseId, accountId);
    if (target === null) throw new SqlInterrupted();
    return this.connectors.for(target).openSql(target, {
      tag: sqlTag(id),
      statementTimeoutMs: this.config.sqlTimeoutSeconds * 1000,
      schema,
      limits: ROW_LIMITS,
      // Nothing is begun without the means to end it.
      isSeen: (own) => this.controls.shows(databaseId, accountId, own),
    });
  }

  /** The data source hears nothing of a cancel while a slow client keeps us waiting: we look ourselves then. */
  private patient(id: string, sink: SqlSink): SqlSink {
    return {
      fields: (fields) => {
        sink.fields(fields);
      },
      rows: async (rows) => {
        const taken = Promise.resolve(sink.rows(rows)).then(() => true);
        const aWhile = () => sleep(this.config.stopRepeatMs, false, { ref: false });
        while (!(await Promise.race([taken, aWhile()]))) await this.ledger.assertGoesOn(id);
      },
    };
  }

  /** Ends the row once the session is gone. What cannot be proven is left to whoever sweeps next. */
  private async finish(
    id: string,
    { databaseId, accountId }: SqlTask,
    session: SqlSession | undefined,
    mayBeOpen: boolean,
    outcome: SqlOutcome,
  ): Promise<void> {
    try {
      await session?.close();
      const { pid = null, backendStart = null, roleId = null } = session?.handle ?? {};
      const state = { id, databaseId, accountId, pid, backendStart, roleId };
      const { stopReplyTimeoutMs } = this.config;
      if (!mayBeOpen || (await this.killer.endsWithin(state, stopReplyTimeoutMs)))
        await this.ledger.end(id, outcome);
      else await this.ledger.abandon(id, 'its session was not seen to end');
    } catch (error) {
      this.logger.warn({ message: 'SQL session not seen to end', executionId: id, error });
      await this.ledger.abandon(id, (error as Error).message).catch(() => undefined);
    }
  }

  private async renew(): Promise<void> {
    if (this.active.size === 0) return;
    try {
      // Of those that others have ended nothing may ever be heard: the connection has gone silent.
      for (const id of await this.ledger.renew([...this.active.keys()]))
        this.active.get(id)?.session?.destroy();
    } catch (error) {
      this.logger.warn(`lease of SQL not renewed: ${(error as Error).message}`);
    }
  }
}
