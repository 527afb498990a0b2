import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Control, KillHandle, OwnHandle } from '../connectors/connector.js';
import { Controls } from '../controls.js';
import { sqlTag } from './sql-tag.js';

const PROOF_PAUSE_MS = 20;

/** Where the session of an execution is. */
export interface SqlSessionState {
  readonly id: string;
  readonly databaseId: number;
  readonly accountId: number;
  /** Null while the session is being opened. */
  readonly pid: number | null;
  readonly backendStart: string | null;
  readonly roleId: string | null;
}

/** Ends the session of an execution, and looks whether it is gone, over the account's control connection. */
@Injectable()
export class SqlKiller {
  constructor(private readonly controls: Controls) {}

  /**
   * Hits only a session that matches pid, start and tag, and nothing while there is none. One that has renamed itself is
   * hit under the name that it carries now. @throws ConnectionFailed
   */
  async kill(state: SqlSessionState, how: 'cancel' | 'terminate'): Promise<void> {
    const handle = handleOf(state);
    if (handle === null) return;
    const control = await this.controls.of(state.databaseId, state.accountId);
    if (!(await control[how](handle)))
      await fire(control, how, await control.find([handle.tag], [handle]));
  }

  /**
   * True when the data source has neither the session nor another one with its tag.
   * @param options.ending whether what is left is terminated
   * @throws ConnectionFailed when the data source cannot be asked: then nothing is proven
   */
  async isGone(state: SqlSessionState, { ending }: { readonly ending: boolean }): Promise<boolean> {
    const control = await this.controls.of(state.databaseId, state.accountId);
    const own = handleOf(state);
    const left = await control.find([sqlTag(state.id)], own === null ? [] : [own]);
    if (ending) await fire(control, 'terminate', left);
    return left.length === 0;
  }

  /** Ends what is left until the data source has nothing of it. @throws ConnectionFailed, as `isGone` */
  async endsWithin(state: SqlSessionState, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    for (;;) {
      if (await this.isGone(state, { ending: true })) return true;
      if (performance.now() > deadline) return false;
      await sleep(PROOF_PAUSE_MS);
    }
  }
}

async function fire(
  control: Control,
  how: 'cancel' | 'terminate',
  handles: readonly KillHandle[],
): Promise<void> {
  if (handles.length > 0) await control[`${how}All`](handles);
}

function handleOf({ id, pid, backendStart, roleId }: SqlSessionState): OwnHandle | null {
  const isKnown = pid !== null && backendStart !== null;
  return isKnown ? { pid, backendStart, roleId, tag: sqlTag(id) } : null;
}
