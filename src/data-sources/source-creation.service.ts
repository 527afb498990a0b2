import { Inject, Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { recordActivity } from '../access/activities.js';
import type { Viewer } from '../access/viewer.js';
import { DomainError } from '../common/errors/domain-error.js';
import type { Attributes } from '../common/http/attributes.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { assertStillThere } from '../users/still-there.js';
import { AccountVault } from './accounts/account-vault.js';
import { CatalogueKeeper } from './catalogue/catalogue-keeper.js';
import { DataSource } from './data-source.entity.js';
import { isDataSourceKind, KIND_FACTS } from './data-source-kinds.js';
import type { NewDataSourceDto } from './dto/data-source-attributes.dto.js';
import type { HdfsDataSourceAttributesDto } from './dto/hdfs-attributes.dto.js';
import { isBlank } from './source-attributes.js';
import { SourceNames, takenName } from './source-names.js';
import { planDatabase, planHdfs, type SourcePlan } from './source-plan.js';
import { SourceTest } from './source-test.js';

/** Registers data sources (chorus-api.md 10.1). Returns their ids. */
@Injectable()
export class SourceCreation {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly names: SourceNames,
    private readonly test: SourceTest,
    private readonly vault: AccountVault,
    private readonly keeper: CatalogueKeeper,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /**
   * A live one is tested first; kinds that this server cannot reach are registered as they are, `offline`.
   * @throws ValidationFailed, InvalidPassword, DataSourceProblem; DomainError `denied` when only administrators may;
   *   NotAuthenticated when the viewer was deleted meanwhile
   */
  async createDatabase(viewer: Viewer, attributes: Attributes<NewDataSourceDto>): Promise<number> {
    this.assertMay(viewer);
    const { sent } = attributes;
    const { entity_type: kind } = sent;
    const isKnown = isDataSourceKind(kind) && kind !== 'hdfs_data_source';
    // Without its kind nothing can be said of what it needs: it is judged as one of the most common.
    const plan = planDatabase(isKnown ? kind : 'pg_data_source', sent, null);
    const wrongKind = { entity_type: { [isBlank(kind) ? 'BLANK' : 'INVALID']: {} } };
    attributes.checked({
      ...(!isKnown && wrongKind),
      ...plan.problems,
      ...(await this.names.problems(sent.name)),
    });
    return this.create(viewer, plan, sent.shared ?? false);
  }

  /** HDFS cannot be reached from here: it is registered as it is. @throws as `createDatabase` */
  async createHdfs(
    viewer: Viewer,
    attributes: Attributes<HdfsDataSourceAttributesDto>,
  ): Promise<number> {
    this.assertMay(viewer);
    const plan = planHdfs(attributes.sent, null);
    attributes.checked({
      ...plan.problems,
      ...(await this.names.problems(attributes.sent.name)),
    });
    return this.create(viewer, plan, true);
  }

  private async create(viewer: Viewer, plan: SourcePlan, shared: boolean): Promise<number> {
    const { values, credentials } = plan;
    const isTested =
      KIND_FACTS[values.kind].live && plan.state !== 'incomplete' && credentials !== null;
    const version = isTested ? (await this.test.try(values, credentials)).text : null;
    const state = plan.state === 'enabled' ? (isTested ? 'online' : 'offline') : plan.state;
    const now = new Date();
    const id = await this.orm
      .transaction(async (tx) => {
        // The test may have taken long.
        await assertStillThere(tx, viewer);
        const { identifiers } = await tx.getRepository(DataSource).insert({
          ...values,
          shared,
          state,
          version,
          ownerId: viewer.id,
          ...(isTested && { lastCheckedAt: now, lastOnlineAt: now }),
        });
        const dataSourceId = (identifiers[0] as { id: number }).id;
        const account = { dataSourceId, ownerId: viewer.id, savedBy: viewer.id };
        if (credentials !== null) await this.vault.save(tx, account, credentials);
        await recordActivity(tx, {
          action:
            values.kind === 'hdfs_data_source' ? 'HdfsDataSourceCreated' : 'DataSourceCreated',
          actorId: viewer.id,
          targets: [{ type: 'data_source', id: dataSourceId }],
        });
        return dataSourceId;
      })
      .catch((error: unknown) => {
        throw takenName(error);
      });
    if (state === 'online') this.keeper.lookSoon(id);
    return id;
  }

  private assertMay(viewer: Viewer): void {
    if (this.config.restrictDataSourceCreation && !viewer.isAdmin)
      throw new DomainError('denied', null, { message: 'only administrators create data sources' });
  }
}
