import { allPages, found, JSON_TYPE, type ReferenceSession } from './session.js';

export type SourceType = 'database' | 'hadoop';

const ADDRESS = { database: '/api/data_sources', hadoop: '/api/hdfs_data_sources' };

/** Data sources, as the reference client asks for them (client-expectations.md 6). */
export class DataSources {
  constructor(private readonly session: ReferenceSession) {}

  /** Without a type: both lists, one after the other. */
  async getList(type?: SourceType, perPage = 100): Promise<any[]> {
    if (type !== undefined) return this.list(ADDRESS[type], perPage);
    return [
      ...(await this.list(ADDRESS.database, perPage)),
      ...(await this.list(ADDRESS.hadoop, perPage)),
    ];
  }

  async get(id: number, type: SourceType): Promise<any> {
    const reply = await this.session.call('GET', `${ADDRESS[type]}/${id}`, { type: JSON_TYPE });
    return found(reply, 'DataSourceNotFoundException');
  }

  async getId(name: string, type?: SourceType): Promise<number> {
    const one = (await this.getList(type)).find((source) => source.name === name);
    if (one === undefined) throw new Error('DataSourceNotFoundException');
    return one.id as number;
  }

  getDatabaseList(id: number, perPage = 100): Promise<any[]> {
    return this.list(`/api/data_sources/${id}/databases`, perPage);
  }

  private list(path: string, perPage: number): Promise<any[]> {
    return allPages((page) =>
      this.session.call('GET', path, {
        type: JSON_TYPE,
        // Python's own word for true.
        parameters: { all: true, per_page: perPage, page },
      }),
    );
  }
}
