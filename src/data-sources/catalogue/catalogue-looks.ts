import { Inject, Injectable } from '@nestjs/common';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { RejectedAccounts } from '../accounts/rejected-accounts.js';
import {
  connectionErrorType,
  dataSourceProblem,
  DataSourceProblem,
} from '../connection-problem.js';
import { ConnectionTargets } from '../connection-targets.js';
import type { Catalogue } from '../connectors/catalogue.js';
import { ConnectionFailed, type ConnectionTarget } from '../connectors/connector.js';
import { ConnectorRegistry } from '../connectors/connector-registry.js';
import type { DataSource } from '../data-source.entity.js';
import type { DatabasePlace, SchemaPlace } from '../place.js';
import { InvalidCredentials, NotInUse } from '../source-access.js';
import { CatalogueStore, type Sight } from './catalogue-store.js';
import { LineTooLong, Turns } from './turns.js';

/** Whoever waited in line behind an attempt that nobody answered is told so, instead of trying again. */
const UNREACHABLE_MS = 3000;
/** A look takes milliseconds, or as long as a data source may be silent: more than these would not be answered in time. */
const MOST_IN_LINE = 50;

/** Looks at live data sources with an account, and keeps what it saw. One look at a time per data source. */
@Injectable()
export class CatalogueLooks {
  private readonly turns = new Turns<number>(MOST_IN_LINE);
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly unreachable = new Map<
    number,
    { readonly until: number; readonly error: unknown }
  >();

  constructor(
    private readonly targets: ConnectionTargets,
    private readonly connectors: ConnectorRegistry,
    private readonly store: CatalogueStore,
    private readonly rejected: RejectedAccounts,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The databases of a data source, unless the account saw them a moment ago. @throws as `ask` */
  databases(source: DataSource, accountId: number, maxAgeSeconds?: number): Promise<void> {
    const sight: Sight = { accountId, place: 'data_source', placeId: source.id };
    return this.unlessFresh(sight, maxAgeSeconds, async () => {
      const seen = await this.ask(source, accountId, null, (catalogue) => catalogue.databases());
      await this.store.databases(accountId, source.id, seen);
    });
  }

  /** The schemas of a database. @throws as `ask` */
  schemas(place: DatabasePlace, accountId: number, maxAgeSeconds?: number): Promise<void> {
    const { dataSource, database } = place;
    const sight: Sight = { accountId, place: 'database', placeId: database.id };
    return this.unlessFresh(sight, maxAgeSeconds, async () => {
      const seen = await this.ask(dataSource, accountId, database.id, (catalogue) =>
        catalogue.schemas(),
      );
      await this.store.schemas(accountId, database.id, seen);
    });
  }

  /** The tables and views of a schema. @throws as `ask` */
  datasets(place: SchemaPlace, accountId: number, maxAgeSeconds?: number): Promise<void> {
    const { dataSource, database, schema } = place;
    const sight: Sight = { accountId, place: 'schema', placeId: schema.id };
    return this.unlessFresh(sight, maxAgeSeconds, async () => {
      const seen = await this.ask(dataSource, accountId, database.id, (catalogue) =>
        catalogue.datasets(schema.name),
      );
      await this.store.datasets(accountId, schema.id, seen);
    });
  }

  /**
   * Asks a live data source.
   * @param databaseId null: the one that it is registered with
   * @throws InvalidCredentials when it refuses the account, which is marked then; NotInUse; DataSourceProblem,
   *   SqlPermissionDenied
   */
  async ask<T>(
    source: DataSource,
    accountId: number,
    databaseId: number | null,
    question: (catalogue: Catalogue) => Promise<T>,
  ): Promise<T> {
    const target =
      databaseId === null
        ? await this.targets.findMain(accountId)
        : await this.targets.find(databaseId, accountId);
    if (target === null) throw new NotInUse();
    const inTurn = async () => {
      try {
        return await this.look(target, question);
      } catch (error) {
        if (await this.rejected.note(accountId, error)) throw new InvalidCredentials(source);
        throw dataSourceProblem(error);
      }
    };
    return this.turns.take(source.id, inTurn).catch((error: unknown) => {
      throw error instanceof LineTooLong ? new TooManyLooks() : error;
    });
  }

  private async look<T>(
    target: ConnectionTarget,
    question: (catalogue: Catalogue) => Promise<T>,
  ): Promise<T> {
    const known = this.unreachable.get(target.dataSourceId);
    if (known !== undefined && known.until > performance.now()) throw known.error;
    this.unreachable.delete(target.dataSourceId);
    try {
      return await this.connectors.for(target).look(target, question);
    } catch (error) {
      const isUnreachable =
        error instanceof ConnectionFailed &&
        connectionErrorType(error) === 'DATA_SOURCE_UNREACHABLE';
      if (isUnreachable)
        this.unreachable.set(target.dataSourceId, {
          until: performance.now() + UNREACHABLE_MS,
          error,
        });
      throw error;
    }
  }

  private async unlessFresh(
    sight: Sight,
    maxAgeSeconds = this.config.catalogueMaxAgeSeconds,
    look: () => Promise<void>,
  ): Promise<void> {
    if (await this.store.isFresh(sight, maxAgeSeconds)) return;
    // Those who ask for the same meanwhile share the answer.
    const key = `${sight.accountId} ${sight.place} ${sight.placeId}`;
    const looking = this.underWay.get(key) ?? look().finally(() => this.underWay.delete(key));
    this.underWay.set(key, looking);
    await looking;
  }
}

class TooManyLooks extends DataSourceProblem {
  constructor() {
    super('TOO_MANY_CONNECTIONS', 'too many wait for this data source already: try again later');
  }
}

/** True when the answer is that the data source could not be asked now. */
export function isNoAnswer(error: unknown): boolean {
  return error instanceof DataSourceProblem;
}
