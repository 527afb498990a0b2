import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Asking } from '../../access/asking.js';
import type { StoppedWork } from '../../access/running-work.js';
import type { Viewer } from '../../access/viewer.js';
import { AccessDenied, RecordNotFound } from '../../common/errors/domain-error.js';
import type { Attributes } from '../../common/http/attributes.js';
import { assertStillThere } from '../../users/still-there.js';
import type { DataSource } from '../data-source.entity.js';
import { KIND_FACTS } from '../data-source-kinds.js';
import { DataSourcesService } from '../data-sources.service.js';
import { type AccountAttributesDto, credentialsOf } from '../dto/account.dto.js';
import { canManage, forbiddenForm, isOutOfUse, NotInUse } from '../source-access.js';
import { lockSource } from '../source-lock.js';
import { SourceTest } from '../source-test.js';
import { AccountRemoval } from './account-removal.js';
import { AccountStore } from './account-store.js';
import { AccountVault } from './account-vault.js';
import type { AccountView } from './account-view.js';

/** One's own account in a data source (chorus-api.md 10.2). */
@Injectable()
export class AccountsService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly accounts: AccountStore,
    private readonly vault: AccountVault,
    private readonly test: SourceTest,
    private readonly removal: AccountRemoval,
  ) {}

  /** The account that the viewer uses: the owner's when it is shared, else his own; null when he has none. */
  async usable(dataSourceId: number, viewer: Viewer): Promise<AccountView | null> {
    const source = await this.inUse(dataSourceId, viewer);
    return this.accounts.ofUser(dataSourceId, source.shared ? source.ownerId : viewer.id);
  }

  /**
   * Saves the viewer's account; of a shared data source, the owner's.
   * @throws AccessDenied for a shared data source that he does not manage; InvalidPassword, DataSourceProblem;
   *   NotAuthenticated when the viewer was deleted meanwhile
   */
  async save(
    dataSourceId: number,
    viewer: Viewer,
    attributes: Attributes<AccountAttributesDto>,
  ): Promise<AccountView> {
    const source = await this.inUse(dataSourceId, viewer);
    assertMaySave(viewer, source);
    const credentials = credentialsOf(attributes.checked());
    if (KIND_FACTS[source.kind].live) await this.test.try(source, credentials);
    const ownerId = await this.orm.transaction(async (tx) => {
      const now = await lockSource(tx, dataSourceId);
      await assertStillThere(tx, viewer);
      assertMaySave(viewer, now);
      const owner = now.shared ? now.ownerId : viewer.id;
      const account = { dataSourceId, ownerId: owner, savedBy: viewer.id };
      await this.vault.save(tx, account, credentials);
      return owner;
    });
    await this.vault.forget();
    return this.accounts.saved(dataSourceId, ownerId);
  }

  /** @returns what was stopped. @throws RecordNotFound when it is shared, or the viewer has none */
  async remove(dataSourceId: number, asking: Asking): Promise<readonly StoppedWork[]> {
    await this.inUse(dataSourceId, asking.viewer);
    return this.removal.remove(dataSourceId, asking, () => Promise.resolve(asking.viewer.id));
  }

  private async inUse(dataSourceId: number, viewer: Viewer): Promise<DataSource> {
    const { source } = await this.sources.get(dataSourceId, viewer);
    if (isOutOfUse(source)) throw new NotInUse();
    if (!KIND_FACTS[source.kind].needs.account) throw new RecordNotFound();
    return source;
  }
}

function assertMaySave(viewer: Viewer, source: DataSource): void {
  if (isOutOfUse(source)) throw new NotInUse();
  if (source.shared && !canManage(viewer, source)) throw new AccessDenied(forbiddenForm(source));
}
