import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { type Activity, recordActivity } from '../access/activities.js';
import type { Asking } from '../access/asking.js';
import type { StoppedWork } from '../access/running-work.js';
import type { Viewer } from '../access/viewer.js';
import { ValidationFailed } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import { AccountVault } from './accounts/account-vault.js';
import { ConnectionTargets } from './connection-targets.js';
import { DataSource } from './data-source.entity.js';
import {
  DATABASE_KINDS,
  type DataSourceKind,
  HDFS_KINDS,
  KIND_FACTS,
} from './data-source-kinds.js';
import { DataSourcesService } from './data-sources.service.js';
import type { ChangedDataSourceDto } from './dto/data-source-attributes.dto.js';
import type { HdfsDataSourceAttributesDto } from './dto/hdfs-attributes.dto.js';
import { assertManages, isOutOfUse } from './source-access.js';
import { SourceChecks } from './source-checks.js';
import { lockSource } from './source-lock.js';
import { type AssertMoving, SourceMoves } from './source-moves.js';
import { SourceNames, takenName } from './source-names.js';
import { planDatabase, planHdfs, type SourcePlan } from './source-plan.js';
import { SourceStops } from './source-stops.js';
import type { SourceView } from './source-view.js';
import { type Credentials, SourceTest } from './source-test.js';

/** Changes data sources; taking one out of use stops what runs there (chorus-api.md 10.1). */
@Injectable()
export class SourceChanges {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly names: SourceNames,
    private readonly targets: ConnectionTargets,
    private readonly test: SourceTest,
    private readonly vault: AccountVault,
    private readonly moves: SourceMoves,
    private readonly checks: SourceChecks,
    private readonly stops: SourceStops,
  ) {}

  /**
   * @returns what was stopped
   * @throws RecordNotFound, AccessDenied; ValidationFailed, also `base.DATA_SOURCE_IN_USE` for another address while
   *   anything runs there or it is being moved; InvalidPassword, DataSourceProblem when what is to be does not answer
   */
  async changeDatabase(
    id: number,
    asking: Asking,
    attributes: Attributes<ChangedDataSourceDto>,
  ): Promise<readonly StoppedWork[]> {
    const { source, dbUsername } = await this.managed(id, asking, DATABASE_KINDS);
    const plan = planDatabase(source.kind, attributes.sent, source, dbUsername);
    return this.change(source, asking, plan, attributes);
  }

  async changeHdfs(
    id: number,
    asking: Asking,
    attributes: Attributes<HdfsDataSourceAttributesDto>,
  ): Promise<readonly StoppedWork[]> {
    const { source } = await this.managed(id, asking, HDFS_KINDS);
    return this.change(source, asking, planHdfs(attributes.sent, source), attributes);
  }

  private async managed(
    id: number,
    { viewer }: Asking,
    kinds: readonly DataSourceKind[],
  ): Promise<SourceView> {
    const view = await this.sources.get(id, viewer, kinds);
    assertManages(viewer, view);
    return view;
  }

  private async change(
    current: DataSource,
    asking: Asking,
    plan: SourcePlan,
    attributes: Attributes<object>,
  ): Promise<readonly StoppedWork[]> {
    const { id } = current;
    attributes.checked({ ...plan.problems, ...(await this.names.problems(plan.values.name, id)) });
    const tested = await this.tested(current, plan, asking.viewer);
    const state = tested === null ? plan.state : 'online';
    const write = (assertMoving?: AssertMoving) =>
      this.orm
        .transaction(async (tx) => {
          await this.write(tx, current, asking, { ...plan, state }, tested);
          await assertMoving?.(tx);
        })
        .catch((error: unknown) => {
          throw takenName(error);
        });
    if (isMoved(current, plan)) await this.moves.while(id, write);
    else await write();
    if (isOutOfUse({ state }))
      return this.stops.stop(id, asking, { reason: `the data source was made ${state}` });
    if (state === 'enabled') await this.enabled(current);
    await this.vault.forget();
    return [];
  }

  /** The version of a live one, asked when what is to be differs from what is known to answer; else null. */
  private async tested(
    current: DataSource,
    plan: SourcePlan,
    viewer: Viewer,
  ): Promise<string | null> {
    const { values, state, credentials } = plan;
    if (!KIND_FACTS[values.kind].live || isOutOfUse({ state })) return null;
    const isNew = isMoved(current, plan) || isElsewhere(current, plan) || credentials !== null;
    if (!isNew && current.state !== 'incomplete') return null;
    const used = credentials ?? (await this.stored(current, viewer, isMoved(current, plan)));
    return (await this.test.try(values, used)).text;
  }

  /**
   * Its owner's credentials, who is the one that asks, or an administrator does.
   * @throws ValidationFailed when they must be sent: there are none, or he would learn a password that he did not enter
   */
  private async stored(
    { id, ownerId }: DataSource,
    viewer: Viewer,
    isMove: boolean,
  ): Promise<Credentials> {
    const stored = await this.targets.credentialsOf(id, ownerId);
    if (stored === null)
      throw new ValidationFailed({ db_username: { BLANK: {} }, db_password: { BLANK: {} } });
    if (!stored.enteredByOwner && (stored.isInvalid || (isMove && !viewer.isAdmin)))
      throw new ValidationFailed({ db_password: { BLANK: {} } });
    return stored;
  }

  private async write(
    tx: EntityManager,
    seen: DataSource,
    { viewer }: Asking,
    plan: SourcePlan,
    version: string | null,
  ): Promise<void> {
    const { credentials } = plan;
    const { id } = seen;
    const current = await lockSource(tx, id);
    assertManages(viewer, { source: current });
    const now = new Date();
    // Only what this request changes: somebody else may have changed the rest meanwhile.
    const changes: Partial<DataSource> = {
      ...differences(seen, plan.values),
      // A test that somebody took the data source out of use behind does not bring it back.
      ...((plan.state !== 'online' || !isOutOfUse(current) || isOutOfUse(seen)) &&
        plan.state !== seen.state && { state: plan.state }),
      ...(version !== null && { version, lastCheckedAt: now, lastOnlineAt: now }),
    };
    await tx.getRepository(DataSource).update({ id }, { ...changes, updatedAt: now });
    const triedOwnerId = version === null ? null : seen.ownerId;
    if (isMoved(seen, plan)) await this.vault.renewAll(tx, id, { viewer, triedOwnerId });
    const account = { dataSourceId: id, ownerId: current.ownerId, savedBy: viewer.id };
    if (credentials !== null) await this.vault.save(tx, account, credentials);
    for (const activity of activitiesOf(current, plan))
      await recordActivity(tx, {
        ...activity,
        actorId: viewer.id,
        targets: [{ type: 'data_source', id }],
      });
  }

  /** What cannot be asked is not known to be online. */
  private async enabled({ id, kind }: DataSource): Promise<void> {
    if (KIND_FACTS[kind].live) await this.checks.check(id);
    else await this.orm.getRepository(DataSource).update({ id }, { state: 'offline' });
  }
}

function differences(seen: DataSource, values: SourcePlan['values']): Partial<DataSource> {
  const entries = Object.entries(values).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(seen[key as keyof DataSource]),
  );
  return Object.fromEntries(entries);
}

/** Passwords go elsewhere than where their owners sent them: to another host, or there in the clear. */
function isMoved(current: DataSource, { values }: SourcePlan): boolean {
  return (
    current.host !== values.host || current.port !== values.port || (current.ssl && !values.ssl)
  );
}

function isElsewhere(current: DataSource, { values }: SourcePlan): boolean {
  return (
    current.dbName !== values.dbName ||
    current.ssl !== values.ssl ||
    (values.isHawq === true && current.isHawq !== true)
  );
}

function activitiesOf(
  current: DataSource,
  { values, state }: SourcePlan,
): Pick<Activity, 'action' | 'data'>[] {
  const prefix = values.kind === 'hdfs_data_source' ? 'Hdfs' : '';
  const { name: oldName, state: oldState } = current;
  const switched = ['disabled', 'enabled', 'incomplete'].includes(state) && state !== oldState;
  return [
    ...(oldName === values.name
      ? []
      : [
          {
            action: `${prefix}DataSourceChangedName`,
            data: { old_name: oldName, new_name: values.name },
          },
        ]),
    ...(switched
      ? [{ action: 'DataSourceChangedState', data: { old_state: oldState, new_state: state } }]
      : []),
  ];
}
