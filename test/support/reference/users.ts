import { READ_ONLY_OF_USER, without } from '../documents.js';
import { allPages, FORM_TYPE, found, JSON_TYPE, type ReferenceSession } from './session.js';

interface Changes {
  readonly role?: 'app_admin' | 'data_admin' | 'admin' | '';
  readonly [name: string]: unknown;
}

/** People, as the reference client asks for them (client-expectations.md 2). */
export class Users {
  constructor(private readonly session: ReferenceSession) {}

  /** @returns the new user's document, or the whole of an answer without one */
  async create(username: string, others: object = {}): Promise<any> {
    const json = {
      username,
      password: 'demo62',
      first_name: 'Ada',
      last_name: 'Lovelace',
      email: 'ada@example.org',
      title: null,
      notes: null,
      dept: null,
      admin: false,
      roles: '',
      user_type: 'business_user',
      subscribed_to_emails: false,
      ...others,
    };
    const reply = await this.session.call('POST', '/api/users', { type: JSON_TYPE, json });
    const document = reply.json();
    return document.response ?? document;
  }

  async get(id: number): Promise<any> {
    const reply = await this.session.call('GET', `/api/users/${id}`, { type: JSON_TYPE });
    return found(reply, 'UserNotFoundException');
  }

  getList(perPage = 100): Promise<any[]> {
    return allPages((page) =>
      this.session.call('GET', '/api/users', {
        type: JSON_TYPE,
        parameters: { per_page: perPage, page },
      }),
    );
  }

  async getId(username: string): Promise<number> {
    const one = (await this.getList()).find((user) => user.username === username);
    if (one === undefined) throw new Error('UserNotFoundException');
    return one.id as number;
  }

  /** Sends the whole document back. @throws KeyError when a key that is taken out is not there */
  async update(id: number, { role, ...changes }: Changes): Promise<any> {
    const json = takenOut(await this.get(id), READ_ONLY_OF_USER);
    Object.assign(json, changes);
    if (role !== undefined) {
      json['admin'] = role === 'app_admin';
      json['roles'] = role === 'data_admin' ? 'data_admin' : '';
    }
    const reply = await this.session.call('PUT', `/api/users/${id}`, { type: JSON_TYPE, json });
    return reply.json().response;
  }

  async delete(id: number): Promise<number | null> {
    try {
      await this.get(id);
    } catch {
      return null;
    }
    const reply = await this.session.call('DELETE', `/api/users/${id}`, { type: FORM_TYPE });
    if (reply.status !== 200) throw new Error(`UserDeleteFailure: ${reply.status}`);
    return reply.status;
  }
}

/** As Python's `pop`: a key that is not there is an error. */
export function takenOut(document: object, keys: readonly string[]): Record<string, unknown> {
  for (const key of keys) if (!(key in document)) throw new Error(`KeyError: ${key}`);
  return without(document, keys);
}
