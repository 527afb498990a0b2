import type { FormFile } from '../forms.js';
import {
  allPages,
  FORM_TYPE,
  found,
  JSON_TYPE,
  type Reply,
  type ReferenceSession,
} from './session.js';

/** Where an uploaded workflow is to run: a data source and a database of it. */
export interface ChosenSource {
  readonly dataSourceId: number;
  /** As it follows the id: `GpdbDataSource`. */
  readonly className: string;
  readonly entityType: string;
  readonly databaseId: number | '';
}

/** Workfiles, as the reference client asks for them (client-expectations.md 4). */
export class Workfiles {
  constructor(private readonly session: ReferenceSession) {}

  getList(workspaceId: number, perPage = 100): Promise<any[]> {
    return allPages((page) => this.page(workspaceId, page, perPage));
  }

  page(workspaceId: number, page: number, perPage: number): Promise<Reply> {
    return this.session.call('GET', `/api/workspaces/${workspaceId}/workfiles`, {
      type: JSON_TYPE,
      json: { no_published_worklets: true, order: 'file_name', per_page: perPage, page },
    });
  }

  /** @returns the whole document, `response` included */
  async get(id: number): Promise<any> {
    const reply = await this.session.call('GET', `/api/workfiles/${id}`, { type: JSON_TYPE });
    found(reply, 'WorkfileNotFoundException');
    return reply.json();
  }

  async getId(name: string, workspaceId: number): Promise<number> {
    const one = (await this.getList(workspaceId)).find((workfile) => workfile.file_name === name);
    if (one === undefined) throw new Error('WorkfileNotFoundException');
    return one.id as number;
  }

  async delete(id: number): Promise<number | null> {
    try {
      await this.get(id);
    } catch {
      return null;
    }
    const reply = await this.session.call('DELETE', `/api/workfiles/${id}`, { type: FORM_TYPE });
    if (reply.status !== 200) throw new Error(`WorkfileDeleteFailure: ${reply.status}`);
    return reply.status;
  }

  async upload(
    workspaceId: number,
    file: FormFile,
    sources: readonly ChosenSource[],
  ): Promise<Reply> {
    const multipart = [
      ['workfile[entity_subtype]', 'alpine'],
      ...sources.flatMap(({ dataSourceId, className, entityType, databaseId }, i) => [
        ['data_source', `${dataSourceId}${className}`],
        ['database', databaseId],
        [`workfile[execution_locations][${i}][entity_type]`, entityType],
        [`workfile[execution_locations][${i}][id]`, databaseId],
      ]),
      ['workfile[versions_attributes][0][contents]', file],
    ] as [string, string | number | FormFile][];
    return this.session.call('POST', `/api/workspaces/${workspaceId}/workfiles`, {
      type: null,
      multipart,
    });
  }

  async download(id: number): Promise<Buffer> {
    const reply = await this.session.call('GET', `/api/workfiles/${id}/download`);
    if (reply.status !== 200) throw new Error(`WorkfileNotFoundException: ${reply.status}`);
    return reply.bytes;
  }
}
