import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Asking } from '../access/asking.js';
import type { StoppedWork } from '../access/running-work.js';
import type { Viewer } from '../access/viewer.js';
import { AccessDenied, RecordNotFound } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import { isStillThere } from '../users/still-there.js';
import { AccountVault } from './accounts/account-vault.js';
import { DataSource } from './data-source.entity.js';
import { DATABASE_KINDS, KIND_FACTS } from './data-source-kinds.js';
import { DataSourcesService } from './data-sources.service.js';
import type { NewOwnerDto } from './dto/account.dto.js';
import { assertManages, canManage, forbiddenForm } from './source-access.js';
import { lockSource } from './source-lock.js';
import { SourceStops } from './source-stops.js';

const MOVE_ACCOUNT = `UPDATE data_source_accounts SET owner_id = $3, entered_by_owner = false, updated_at = now()
  WHERE data_source_id = $1 AND owner_id = $2 AND deleted_at IS NULL`;
const HAS_ACCOUNT = `SELECT FROM data_source_accounts
  WHERE data_source_id = $1 AND owner_id = $2 AND deleted_at IS NULL`;

/** Who owns a data source, and whether its owner's account is everybody's (chorus-api.md 10.2). */
@Injectable()
export class SourceHandover {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly vault: AccountVault,
    private readonly stops: SourceStops,
  ) {}

  /**
   * @throws RecordNotFound when the caller does not manage it (so the contract says), or there is no such user;
   *   AccessDenied when the new owner has no account in an unshared one
   */
  async changeOwner(
    id: number,
    viewer: Viewer,
    attributes: Attributes<NewOwnerDto>,
  ): Promise<void> {
    const { source } = await this.sources.get(id, viewer, DATABASE_KINDS);
    if (!canManage(viewer, source)) throw new RecordNotFound();
    const { id: ownerId } = attributes.checked();
    await this.orm.transaction(async (tx) => {
      const now = await lockSource(tx, id);
      if (!canManage(viewer, now)) throw new RecordNotFound();
      if (!(await isStillThere(tx, ownerId))) throw new RecordNotFound();
      if (now.ownerId === ownerId) return;
      if (now.shared) await tx.query(MOVE_ACCOUNT, [id, now.ownerId, ownerId]);
      else if (KIND_FACTS[now.kind].needs.account) {
        const accounts = await tx.query<unknown[]>(HAS_ACCOUNT, [id, ownerId]);
        if (accounts.length === 0) throw new AccessDenied(forbiddenForm(now));
      }
      await tx.getRepository(DataSource).update({ id }, { ownerId, updatedAt: new Date() });
      await recordActivity(tx, {
        action: 'DataSourceChangedOwner',
        actorId: viewer.id,
        targets: [
          { type: 'data_source', id },
          { type: 'user', id: ownerId },
        ],
      });
    });
  }

  /** All accounts but the owner's are removed; what was begun with them goes on, since their users still have access. */
  async share(id: number, viewer: Viewer): Promise<void> {
    await this.assertShareable(id, viewer);
    await this.orm.transaction(async (tx) => {
      const now = await lockSource(tx, id);
      assertManages(viewer, { source: now });
      if (now.shared) return;
      await tx.getRepository(DataSource).update({ id }, { shared: true, updatedAt: new Date() });
      await this.vault.remove(tx, id, 'owner_id <> $2', now.ownerId);
    });
    await this.vault.forget();
  }

  /** Nobody but the owner has an account then: what others run there is stopped. @returns what that was */
  async unshare(id: number, asking: Asking): Promise<readonly StoppedWork[]> {
    await this.assertShareable(id, asking.viewer);
    const ownerId = await this.orm.transaction(async (tx) => {
      const now = await lockSource(tx, id);
      assertManages(asking.viewer, { source: now });
      if (!now.shared) return null;
      await tx.getRepository(DataSource).update({ id }, { shared: false, updatedAt: new Date() });
      return now.ownerId;
    });
    if (ownerId === null) return [];
    const userIds = await this.stops.othersAtWork(id, ownerId);
    return this.stops.stop(id, asking, { reason: 'the data source is no longer shared', userIds });
  }

  private async assertShareable(id: number, viewer: Viewer): Promise<void> {
    const view = await this.sources.get(id, viewer);
    assertManages(viewer, view);
    if (!KIND_FACTS[view.source.kind].needs.account) throw new RecordNotFound();
  }
}
