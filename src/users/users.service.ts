import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { queryPrepared } from '../common/sql/prepared.js';
import { type Person, type PersonJson, personJson, personOf } from './person.js';
import { User } from './user.entity.js';

export interface LoginCandidate {
  readonly id: number;
  /** Null for users whom a directory authenticates. */
  readonly passwordHash: string | null;
}

const PERSON = { name: 'person', text: `SELECT ${personJson('$1::int')} AS person` };

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
