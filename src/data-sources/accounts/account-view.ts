import { entityJson, entityOf } from '../../common/sql/entity-json.js';
import { type Person, type PersonJson, personJson, personOf } from '../../users/person.js';
import { DataSourceAccount } from '../data-source-account.entity.js';

export interface AccountView {
  readonly account: DataSourceAccount;
  readonly owner: Person;
}

export interface AccountViewRow extends Record<string, unknown> {
  readonly account: object;
  readonly owner: PersonJson;
}

/** Columns of account `a` as `AccountViewRow`. */
export const ACCOUNT_COLUMNS = `${entityJson(DataSourceAccount, 'a')} AS account, ${personJson('a.owner_id')} AS owner`;

export function accountViewOf({ account, owner }: AccountViewRow): AccountView {
  return { account: entityOf(DataSourceAccount, account), owner: personOf(owner) };
}
