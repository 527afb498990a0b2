import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { AccessDenied } from '../common/errors/domain-error.js';

/** A database in which a user may run things, and with which account. */
export interface UsableDatabase {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly dataSourceId: number;
  readonly dataSourceName: string;
  readonly accountId: number;
}

interface Candidate extends Omit<UsableDatabase, 'accountId'> {
  readonly accountId: number | null;
  readonly kind: string;
  readonly shared: boolean;
  readonly ownerId: number;
  readonly invalidCredentials: boolean | null;
}

@Injectable()
export class DataSourcesService {
  constructor(private readonly orm: OrmDataSource) {}

  /**
   * The databases with the account that counts for the user: the owner's for a shared data source, else his own.
   * Stored knowledge only: no data source is asked.
   * @returns in the order of the ids
   * @throws AccessDenied with the data source when he has no account there, or a rejected one (chorus-api.md 3)
   */
  async usableBy(userId: number, databaseIds: readonly number[]): Promise<UsableDatabase[]> {
    const candidates = await this.orm.query<Candidate[]>(
      `SELECT db.id AS "databaseId", db.name AS "databaseName", ds.id AS "dataSourceId",
         ds.name AS "dataSourceName", ds.kind, ds.shared, ds.owner_id AS "ownerId",
         account.id AS "accountId", account.invalid_credentials AS "invalidCredentials"
       FROM unnest($2::int[]) WITH ORDINALITY AS wanted (id, i)
       JOIN databases db ON db.id = wanted.id
       JOIN data_sources ds ON ds.id = db.data_source_id AND ds.deleted_at IS NULL
       LEFT JOIN data_source_accounts account ON account.data_source_id = ds.id
         AND account.owner_id = CASE WHEN ds.shared THEN ds.owner_id ELSE $1 END
       ORDER BY wanted.i`,
      [userId, databaseIds],
    );
    return candidates.map((candidate) => {
      const { databaseId, databaseName, dataSourceId, dataSourceName, accountId } = candidate;
      if (accountId === null || candidate.invalidCredentials === true) throw denied(candidate);
      return { databaseId, databaseName, dataSourceId, dataSourceName, accountId };
    });
  }
}

/** The forbidden form of a data source: the client asks its user for credentials (chorus-api.md 3). */
function denied({ dataSourceId, dataSourceName, kind, shared, ownerId }: Candidate): AccessDenied {
  return new AccessDenied({
    id: dataSourceId,
    entity_type: kind,
    shared,
    owner_id: ownerId,
    name: dataSourceName,
  });
}
