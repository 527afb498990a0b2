import { RejectedAccounts } from '../../data-sources/accounts/rejected-accounts.js';
import { Controls } from '../../data-sources/controls.js';
import { ConnectionTargets } from '../../data-sources/connection-targets.js';
import {
  ConnectionFailed,
  type KillHandle,
  type RunSession,
} from '../../data-sources/connectors/connector.js';
import { ConnectorRegistry } from '../../data-sources/connectors/connector-registry.js';
import type { ClaimedRun } from '../../runs/run-claims.js';
import { openingTag, runTag } from '../../runs/run-tag.js';
import { type SessionEnd, type SessionEnding, SessionLedger } from '../../runs/session-ledger.js';
import type { RunPlace } from '../../runs/session-proof.js';
import { describe, isSessionLost } from './operator-ending.js';

export interface OwnedSession {
  readonly id: number;
  readonly place: Omit<RunPlace, 'sessions'>;
  readonly session: RunSession;
  /** How it ends; `closed` unless a statement told otherwise. */
  ending: SessionEnding;
}

export interface SessionSources {
  readonly targets: ConnectionTargets;
  readonly connectors: ConnectorRegistry;
  readonly controls: Controls;
  readonly rejected: RejectedAccounts;
  readonly ledger: SessionLedger;
}

/** The database sessions of one run: opened when needed, one per operator at work, never shared (architecture.md D6). */
export class RunSessions {
  private readonly open: OwnedSession[] = [];
  private readonly free = new Set<OwnedSession>();
  private readonly missing = new Set<RunSession>();
  /** Where an opening failed here which the server may have carried out all the same: not where it said no. */
  private readonly attempted: Omit<RunPlace, 'sessions'>[] = [];

  constructor(
    private readonly run: ClaimedRun,
    private readonly sources: SessionSources,
  ) {}

  get places(): readonly RunPlace[] {
    const all = [...this.attempted, ...this.open.map(({ place }) => place)];
    const places = new Map(all.map((place) => [place.databaseId, place]));
    return [...places.values()].map((place) => ({
      ...place,
      sessions: this.open
        .filter((owned) => owned.place.databaseId === place.databaseId)
        .map(({ session }) => session.handle),
    }));
  }

  /** How each session ended; to be said once all are seen gone and every step was recorded. */
  get endings(): readonly SessionEnd[] {
    return this.open.map(({ id, ending }) => ({ id, ending }));
  }

  /**
   * A session for one operator alone, until it is released, with its transaction begun. One that is lost by then is replaced
   * once: idle ones may go any time, and nothing but the beginning was sent.
   * @param begin opens the transaction
   * @throws RunFenced when the run was stopped meanwhile; ConnectionFailed; what `begin` throws
   */
  async begin<T>(
    databaseId: number,
    begin: (session: RunSession) => Promise<T>,
  ): Promise<{ readonly owned: OwnedSession; readonly begun: T }> {
    const owned = await this.acquire(databaseId);
    try {
      return { owned, begun: await beginIn(owned, begin) };
    } catch (error) {
      if (!isSessionLost(error)) throw error;
      const another = await this.openIn(databaseId);
      owned.ending = 'gone';
      return { owned: another, begun: await beginIn(another, begin) };
    }
  }

  private async acquire(databaseId: number): Promise<OwnedSession> {
    for (const owned of this.free) {
      if (owned.place.databaseId !== databaseId) continue;
      this.free.delete(owned);
      if (owned.session.alive) return owned;
      // As all are, it is acknowledged with the end of the run, once it was seen gone.
      owned.ending = 'gone';
    }
    return this.openIn(databaseId);
  }

  /** For the next operator, unless it is lost. */
  release(owned: OwnedSession): void {
    if (owned.session.alive && owned.ending === 'closed') this.free.add(owned);
  }

  private async openIn(databaseId: number): Promise<OwnedSession> {
    const location = this.run.snapshot.locations.find((one) => one.databaseId === databaseId);
    const accountId = location?.accountId ?? 0;
    const target = await this.sources.targets.find(databaseId, accountId);
    if (target === null)
      throw new ConnectionFailed(
        `data source "${location?.dataSourceName ?? databaseId}" or its account no longer exists`,
        null,
      );
    const { ledger, connectors, controls, rejected } = this.sources;
    const id = await ledger.opening(this.run, databaseId, accountId);
    let session: RunSession;
    try {
      session = await connectors
        .for(target)
        .open(target, openingTag(this.run.runId), (own) =>
          controls.shows(databaseId, accountId, own),
        );
    } catch (error) {
      const refused = error instanceof ConnectionFailed && !error.doubtful;
      if (!refused) this.attempted.push({ databaseId, accountId });
      await ledger.notOpened(id, refused ? 'refused' : 'never_opened');
      await rejected.note(accountId, error);
      throw error;
    }
    const owned: OwnedSession = { id, place: { databaseId, accountId }, session, ending: 'closed' };
    this.open.push(owned);
    await ledger.opened(this.run, id, session);
    try {
      await session.rename(runTag(this.run.runId));
    } catch (error) {
      // Whoever proves the end of the run ends it also under its first name.
      throw new ConnectionFailed((error as Error).message, null, { cause: error });
    }
    return owned;
  }

  /** Cancels or terminates what is in flight, once. */
  async kill(how: 'cancel' | 'terminate'): Promise<void> {
    await Promise.all(
      this.open.map(async (owned) => {
        if (this.free.has(owned) || !owned.session.alive) return;
        await this.fire(owned, how);
      }),
    );
  }

  /** Cancels what one session is at, once. */
  cancel(owned: OwnedSession): Promise<void> {
    return this.fire(owned, 'cancel');
  }

  /** SQL of its author may have renamed the session: then it is hit under the name that it carries now (ADR 10). */
  private async fire({ place, session }: OwnedSession, how: 'cancel' | 'terminate'): Promise<void> {
    const control = await this.sources.controls.of(place.databaseId, place.accountId);
    if (await control[how](session.handle)) return;
    const renamed = await control.find([], [session.handle]);
    if (renamed.length > 0) await control[`${how}All`](renamed);
  }

  /** Ends the sessions; an open transaction is rolled back by that. Resolves when the servers have let go. */
  async end(): Promise<void> {
    await Promise.all(this.open.map(({ session }) => session.close()));
  }

  /**
   * Lets go of connections whose session is no longer there: a network in between may have dropped them without a word,
   * and then nothing would ever come of what is waited for. Only what is missing twice in a row is believed.
   */
  async letGoOfLost(): Promise<void> {
    for (const { databaseId, accountId, sessions } of this.places) {
      const control = await this.sources.controls.of(databaseId, accountId);
      const live = await control.find([runTag(this.run.runId)], sessions);
      for (const { place, session } of this.open) {
        if (place.databaseId !== databaseId || !session.alive) continue;
        if (live.some((one) => isSame(one, session.handle))) this.missing.delete(session);
        else if (this.missing.has(session)) session.destroy();
        else this.missing.add(session);
      }
    }
  }

  /** Drops the connections on this side, for a run that is over elsewhere. */
  destroy(): void {
    for (const { session } of this.open) session.destroy();
  }
}

/** One in which no transaction could be begun is not used again. */
async function beginIn<T>(
  owned: OwnedSession,
  begin: (session: RunSession) => Promise<T>,
): Promise<T> {
  try {
    return await begin(owned.session);
  } catch (error) {
    owned.ending = describe(error).ending;
    throw error;
  }
}

function isSame(one: KillHandle, other: KillHandle): boolean {
  return one.pid === other.pid && one.backendStart === other.backendStart;
}
