import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import type { Page, Paged } from '../../common/http/page.js';
import { queryPrepared } from '../../common/sql/prepared.js';
import {
  ACCOUNT_COLUMNS,
  accountViewOf,
  type AccountView,
  type AccountViewRow,
} from './account-view.js';

const OF_USER = {
  name: 'account-of-user',
  text: `SELECT ${ACCOUNT_COLUMNS} FROM data_source_accounts a
    WHERE a.data_source_id = $1 AND a.owner_id = $2 AND a.deleted_at IS NULL`,
};
const BY_WIRE_ID = {
  name: 'account-by-wire-id',
  text: `SELECT ${ACCOUNT_COLUMNS} FROM data_source_accounts a
    WHERE a.data_source_id = $1 AND coalesce(a.original_id, a.id) = $2 AND a.deleted_at IS NULL`,
};
const LIST = {
  name: 'account-list',
  text: `SELECT ${ACCOUNT_COLUMNS} FROM data_source_accounts a WHERE a.data_source_id = $1 AND a.deleted_at IS NULL
    ORDER BY coalesce(a.original_id, a.id) LIMIT $2 OFFSET $3`,
};
const COUNT = {
  name: 'account-count',
  text: `SELECT count(*)::int AS records FROM data_source_accounts
    WHERE data_source_id = $1 AND deleted_at IS NULL`,
};

/** Reads accounts that are not removed. */
@Injectable()
export class AccountStore {
  constructor(private readonly orm: OrmDataSource) {}

  async ofUser(dataSourceId: number, ownerId: number): Promise<AccountView | null> {
    const values = [dataSourceId, ownerId];
    const [row] = await queryPrepared<AccountViewRow>(this.orm, OF_USER, values);
    return row === undefined ? null : accountViewOf(row);
  }

  /** What was just saved. @throws RecordNotFound when somebody was quicker to remove it */
  async saved(dataSourceId: number, ownerId: number): Promise<AccountView> {
    const view = await this.ofUser(dataSourceId, ownerId);
    if (view === null) throw new RecordNotFound();
    return view;
  }

  /** @param accountId as the wire shows it. @throws RecordNotFound */
  async byWireId(
    dataSourceId: number,
    accountId: number,
    tx?: EntityManager,
  ): Promise<AccountView> {
    const values = [dataSourceId, accountId];
    const [row] =
      tx === undefined
        ? await queryPrepared<AccountViewRow>(this.orm, BY_WIRE_ID, values)
        : await tx.query<AccountViewRow[]>(BY_WIRE_ID.text, values);
    if (row === undefined) throw new RecordNotFound();
    return accountViewOf(row);
  }

  /** In the order of their ids. */
  async page(dataSourceId: number, page: Page): Promise<Paged<AccountView>> {
    const values = [dataSourceId, page.perPage, (page.page - 1) * page.perPage];
    const [rows, [count]] = await Promise.all([
      queryPrepared<AccountViewRow>(this.orm, LIST, values),
      queryPrepared<{ records: number }>(this.orm, COUNT, [dataSourceId]),
    ]);
    return { items: rows.map(accountViewOf), records: count?.records ?? 0, page };
  }
}
