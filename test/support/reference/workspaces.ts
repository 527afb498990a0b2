import { READ_ONLY_OF_WORKSPACE } from '../documents.js';
import {
  allPages,
  FORM_TYPE,
  found,
  JSON_TYPE,
  type Reply,
  type ReferenceSession,
} from './session.js';
import { takenOut, type Users } from './users.js';

interface Member {
  readonly user_id: number;
  readonly role: string;
}

/** Workspaces and their members, as the reference client asks for them (client-expectations.md 3). */
export class Workspaces {
  constructor(
    private readonly session: ReferenceSession,
    private readonly users: Users,
  ) {}

  /** @returns the new document, or the whole of an answer without one */
  async create(name: string, isPublic = false, summary: string | null = null): Promise<any> {
    const form = { name, public: isPublic ? 'true' : 'false', summary };
    const reply = await this.session.call('POST', '/api/workspaces', { type: FORM_TYPE, form });
    const document = reply.json();
    return document.response ?? document;
  }

  async get(id: number): Promise<any> {
    const reply = await this.session.call('GET', `/api/workspaces/${id}`, { type: JSON_TYPE });
    return found(reply, 'WorkspaceNotFoundException');
  }

  getList(
    { userId, active }: { userId?: number; active?: boolean } = {},
    perPage = 50,
  ): Promise<any[]> {
    return allPages((page) =>
      this.session.call('GET', '/api/workspaces', {
        type: JSON_TYPE,
        parameters: { user_id: userId, active: active && 'true', per_page: perPage, page },
      }),
    );
  }

  async getId(name: string, userId?: number): Promise<number> {
    const list = await this.getList(userId === undefined ? {} : { userId });
    const one = list.find((workspace) => workspace.name === name);
    if (one === undefined) throw new Error('WorkspaceNotFoundException');
    return one.id as number;
  }

  /** Sends the whole document back. @throws KeyError when a key that is taken out is not there */
  async update(id: number, changes: Readonly<Record<string, unknown>>): Promise<any> {
    const json = takenOut(await this.get(id), READ_ONLY_OF_WORKSPACE);
    if ('owner_id' in changes) {
      const members = await this.members(id);
      if (!members.some((one) => one.id === changes['owner_id']))
        throw new Error('WorkspaceMemberNotFoundException');
    }
    Object.assign(json, changes);
    const reply = await this.session.call('PUT', `/api/workspaces/${id}`, {
      type: JSON_TYPE,
      json,
    });
    return reply.json().response;
  }

  async delete(id: number): Promise<number | null> {
    try {
      await this.get(id);
    } catch {
      return null;
    }
    const reply = await this.session.call('DELETE', `/api/workspaces/${id}`, { type: FORM_TYPE });
    if (reply.status !== 200) throw new Error(`WorkspaceDeleteFailure: ${reply.status}`);
    return reply.status;
  }

  async members(id: number, perPage = 100): Promise<any[]> {
    await this.get(id);
    return allPages((page) =>
      this.session.call('GET', `/api/workspaces/${id}/members`, {
        type: JSON_TYPE,
        json: { per_page: perPage, page },
      }),
    );
  }

  async addMember(id: number, userId: number, role = 'Project Member'): Promise<any> {
    const members = await this.membersToSend(id);
    await this.users.get(userId);
    return this.setMembers(id, [...members, { user_id: userId, role }]);
  }

  async removeMember(id: number, userId: number): Promise<any> {
    await this.users.get(userId);
    const members = await this.membersToSend(id);
    return this.setMembers(
      id,
      members.filter((one) => one.user_id !== userId),
    );
  }

  async updateRole(id: number, userId: number, role: string): Promise<any> {
    const members = await this.membersToSend(id);
    return this.setMembers(
      id,
      members.map((one) => (one.user_id === userId ? { ...one, role } : one)),
    );
  }

  /** @returns the answer's `response` */
  async setMembers(id: number, members: readonly Member[]): Promise<any> {
    return (await this.postMembers(id, members)).json().response;
  }

  postMembers(id: number, members: readonly Member[]): Promise<Reply> {
    return this.session.call('POST', `/api/workspaces/${id}/members`, {
      type: JSON_TYPE,
      json: { collection: {}, members },
    });
  }

  private async membersToSend(id: number): Promise<Member[]> {
    return (await this.members(id)).map((one) => ({
      user_id: one.id as number,
      role: one.role as string,
    }));
  }
}
