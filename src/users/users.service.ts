import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RecordNotFound } from '../common/errors/domain-error.js';
import type { Page, Paged } from '../common/http/page.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { type Person, type PersonJson, personJson, personOf } from './person.js';
import { User } from './user.entity.js';

export interface LoginCandidate {
  readonly id: number;
  /** Null for users whom a directory authenticates. */
  readonly passwordHash: string | null;
}

export const USER_ORDERS = ['first_name', 'last_name'] as const;
export type UserOrder = (typeof USER_ORDERS)[number];

const PERSON = { name: 'person', text: `SELECT ${personJson('$1::int')} AS person` };
const listBy = (column: UserOrder) => {
  const order = `lower(${column}), id`;
  return {
    name: `people-by-${column}`,
    text: `SELECT (SELECT count(*) FROM users WHERE deleted_at IS NULL) AS records,
        (SELECT coalesce(json_agg(${personJson('listed.id')} ORDER BY ${order}), '[]')
          FROM (SELECT id, ${column} FROM users WHERE deleted_at IS NULL ORDER BY ${order} LIMIT $1 OFFSET $2) listed
        ) AS items`,
  };
};
const LISTS = { first_name: listBy('first_name'), last_name: listBy('last_name') };

@Injectable()
export class UsersService {
  constructor(private readonly orm: OrmDataSource) {}

  /** @throws RecordNotFound also for a deleted user */
  async get(id: number): Promise<Person> {
    const [row] = await queryPrepared<{ person: PersonJson | null }>(this.orm, PERSON, [id]);
    const person = row?.person ? personOf(row.person) : null;
    if (person === null || person.user.deletedAt !== null) throw new RecordNotFound();
    return person;
  }

  /** Everybody who is not deleted, by first or last name without case, then id (chorus-api.md 7). */
  async list(order: UserOrder, page: Page): Promise<Paged<Person>> {
    const [row] = await queryPrepared<{ records: string; items: PersonJson[] }>(
      this.orm,
      LISTS[order],
      [page.perPage, (page.page - 1) * page.perPage],
    );
    return { items: (row?.items ?? []).map(personOf), records: Number(row?.records), page };
  }

  /** A live, active user by name, compared without case; null when nobody may log in by it. */
  async findForLogin(username: string): Promise<LoginCandidate | null> {
    return this.orm
      .getRepository(User)
      .createQueryBuilder('u')
      .select(['u.id', 'u.passwordHash'])
      .where('lower(u.username) = lower(:username)', { username })
      .andWhere('u.deleted_at IS NULL AND u.deactivated_at IS NULL')
      .getOne();
  }
}
