import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Asking } from '../../access/asking.js';
import type { StoppedWork } from '../../access/running-work.js';
import type { Viewer } from '../../access/viewer.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import type { Attributes } from '../../common/http/attributes.js';
import type { Page, Paged } from '../../common/http/page.js';
import type { DataSource } from '../data-source.entity.js';
import { KIND_FACTS } from '../data-source-kinds.js';
import { DataSourcesService } from '../data-sources.service.js';
import {
  type AccountAttributesDto,
  credentialsOf,
  type MemberAttributesDto,
} from '../dto/account.dto.js';
import { assertExplores, assertManages, isOutOfUse } from '../source-access.js';
import { SourceChecks } from '../source-checks.js';
import { lockSource } from '../source-lock.js';
import { type Credentials, SourceTest } from '../source-test.js';
import { AccountRemoval } from './account-removal.js';
import { AccountStore } from './account-store.js';
import { AccountVault, type SavedAccount } from './account-vault.js';
import type { AccountView } from './account-view.js';

/** The accounts of a data source, for whoever manages it (chorus-api.md 10.2). */
@Injectable()
export class MembersService {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sources: DataSourcesService,
    private readonly accounts: AccountStore,
    private readonly vault: AccountVault,
    private readonly test: SourceTest,
    private readonly checks: SourceChecks,
    private readonly removal: AccountRemoval,
  ) {}

  async list(dataSourceId: number, viewer: Viewer, page: Page): Promise<Paged<AccountView>> {
    assertExplores(viewer, await this.sources.get(dataSourceId, viewer));
    return this.accounts.page(dataSourceId, page);
  }

  /**
   * Creates or replaces another user's account.
   * @param untested saves without trying the credentials
   * @throws RecordNotFound for a shared data source or an unknown user
   */
  async save(
    dataSourceId: number,
    viewer: Viewer,
    attributes: Attributes<MemberAttributesDto>,
    untested: boolean,
  ): Promise<AccountView> {
    const source = await this.managed(dataSourceId, viewer);
    if (source.shared) throw new RecordNotFound();
    const wanted = attributes.checked();
    await this.assertUser(wanted.owner_id);
    const account = { dataSourceId, ownerId: wanted.owner_id, savedBy: viewer.id };
    return this.write(source, account, credentialsOf(wanted), untested, (now) => {
      assertManages(viewer, { source: now });
      if (now.shared) throw new RecordNotFound();
    });
  }

  /** @param accountId as the wire shows it */
  async change(
    place: { readonly dataSourceId: number; readonly accountId: number },
    viewer: Viewer,
    attributes: Attributes<AccountAttributesDto>,
    untested: boolean,
  ): Promise<AccountView> {
    const { dataSourceId, accountId } = place;
    const source = await this.managed(dataSourceId, viewer);
    const { account } = await this.accounts.byWireId(dataSourceId, accountId);
    const credentials = credentialsOf(attributes.checked());
    const saved = { dataSourceId, ownerId: account.ownerId, savedBy: viewer.id };
    return this.write(source, saved, credentials, untested, async (now, tx) => {
      assertManages(viewer, { source: now });
      await this.accounts.byWireId(dataSourceId, accountId, tx);
    });
  }

  /** @returns what was stopped. @throws RecordNotFound also for a shared data source */
  async remove(
    dataSourceId: number,
    accountId: number,
    asking: Asking,
  ): Promise<readonly StoppedWork[]> {
    await this.managed(dataSourceId, asking.viewer);
    return this.removal.remove(dataSourceId, asking, async (now, tx) => {
      assertManages(asking.viewer, { source: now });
      const { account } = await this.accounts.byWireId(dataSourceId, accountId, tx);
      return account.ownerId;
    });
  }

  /** @param assertStillRight asked again once the data source's row is locked */
  private async write(
    source: DataSource,
    account: SavedAccount,
    credentials: Credentials,
    untested: boolean,
    assertStillRight: (now: DataSource, tx: EntityManager) => void | Promise<void>,
  ): Promise<AccountView> {
    const isTested = !untested && source.state !== 'incomplete' && KIND_FACTS[source.kind].live;
    if (isTested) await this.test.try(source, credentials);
    await this.orm.transaction(async (tx) => {
      await assertStillRight(await lockSource(tx, source.id), tx);
      await this.vault.save(tx, account, credentials);
    });
    await this.vault.forget();
    if (isTested && !isOutOfUse(source)) await this.checks.check(source.id);
    return this.accounts.saved(source.id, account.ownerId);
  }

  private async managed(dataSourceId: number, viewer: Viewer): Promise<DataSource> {
    const view = await this.sources.get(dataSourceId, viewer);
    assertManages(viewer, view);
    if (!KIND_FACTS[view.source.kind].needs.account) throw new RecordNotFound();
    return view.source;
  }

  private async assertUser(id: number): Promise<void> {
    const found = await this.orm.query<unknown[]>(
      'SELECT FROM users WHERE id = $1 AND deleted_at IS NULL',
      [id],
    );
    if (found.length === 0) throw new RecordNotFound();
  }
}
