import type { EntityManager } from 'typeorm';

/** What kind of thing an activity is about: `<type>` of `target1_type` in `events`. */
export interface ActivityTarget {
  readonly type: 'user' | 'workspace' | 'workfile' | 'dataset' | 'data_source' | 'schema' | 'job';
  readonly id: number;
}

export interface Activity {
  /** Event class of the contract, e.g. `WorkfileCreated` (entities.md 8). */
  readonly action: string;
  readonly actorId: number;
  readonly workspaceId?: number | null;
  /** Up to three, in the order of the contract. */
  readonly targets?: readonly ActivityTarget[];
  /** Printed flat with the event. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Records what somebody did, in the transaction that does it. */
export async function recordActivity(tx: EntityManager, activity: Activity): Promise<void> {
  const { action, actorId, workspaceId = null, targets = [], data = {} } = activity;
  const places = [0, 1, 2].flatMap((i) => [targets[i]?.type ?? null, targets[i]?.id ?? null]);
  await tx.query(
    `INSERT INTO events (action, actor_id, workspace_id, target1_type, target1_id, target2_type, target2_id,
       target3_type, target3_id, additional_data)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [action, actorId, workspaceId, ...places, JSON.stringify(data)],
  );
}
