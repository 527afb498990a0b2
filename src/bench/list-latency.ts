import pg from 'pg';
import { ApiSession } from '../demo/api-session.js';
import type { Child } from './child.js';
import { percentiles } from './percentiles.js';

const WORKSPACE = 2_000_000;
const OWNER = 1_000_006;
const SAMPLES = 60;
const WARM_UP = 10;

/** A list that is measured. */
export interface ListCase {
  readonly label: string;
  /** @param count how many workfiles the workspace has: where its last page is */
  path(count: number): string;
  /** Its time must not grow with the number of workfiles; null: it does, and is only told. */
  readonly aim: number | null;
}

const PER_PAGE = 50;
const list = (parameters: string) => `/api/workspaces/${WORKSPACE}/workfiles?${parameters}`;
const lastPage = (count: number) => Math.ceil(count / PER_PAGE);
const middlePage = (count: number) => Math.ceil(lastPage(count) / 2);

export const LIST_CASES: readonly ListCase[] = [
  { label: 'by name', path: () => list('order=file_name'), aim: 1.5 },
  { label: 'by date', path: () => list('order=date'), aim: 1.5 },
  {
    label: 'as the reference client asks, 100 a page',
    path: () => list('no_published_worklets=true&order=file_name&per_page=100'),
    aim: 1.5,
  },
  { label: 'of a type, by name', path: () => list('file_type=sql'), aim: 1.5 },
  { label: 'of a rare type, by date', path: () => list('file_type=image&order=date'), aim: 1.5 },
  { label: 'last page by name', path: (count) => list(`page=${lastPage(count)}`), aim: 1.5 },
  { label: 'with a rare part of the name', path: () => list('name_pattern=needle'), aim: 1.5 },
  {
    label: 'of a small workspace beside it',
    path: () => '/api/workspaces/1000008/workfiles',
    aim: 1.5,
  },
  { label: 'all workspaces, with their counts', path: () => '/api/workspaces', aim: 1.5 },
  {
    label: 'the workspace, with its counts',
    path: () => `/api/workspaces/${WORKSPACE}`,
    aim: 1.5,
  },
  {
    label: 'page in the middle, by name',
    path: (count) => list(`page=${middlePage(count)}`),
    aim: null,
  },
  {
    label: 'the same without published touchpoints',
    path: (count) => list(`page=${middlePage(count)}&no_published_worklets=true`),
    aim: null,
  },
  {
    label: 'with a part that every name has',
    path: () => list('name_pattern=file'),
    aim: null,
  },
];

/** A server whose metadata hold a workspace with so many workfiles. */
export class FilledServer {
  private constructor(
    private readonly session: ApiSession,
    readonly count: number,
  ) {}

  /** Fills a fresh server: files with a version and an activity each, ten of them pictures, ten with a rare name. */
  static async of(product: Child, count: number): Promise<FilledServer> {
    const client = new pg.Client({ connectionString: product.details['databaseUrl'] ?? '' });
    await client.connect();
    try {
      await client.query(
        `INSERT INTO workspaces (id, name, owner_id, public) VALUES (${WORKSPACE}, 'Large', ${OWNER}, true);
         INSERT INTO memberships (workspace_id, user_id) VALUES (${WORKSPACE}, ${OWNER});
         INSERT INTO workfiles (id, kind, workspace_id, owner_id, file_name, file_type, user_modified_at)
           SELECT ${WORKSPACE} + i, 'file', ${WORKSPACE}, ${OWNER},
             CASE WHEN i % (${count} / 10) = 7 THEN 'needle ' ELSE 'file ' END || md5(i::text) || '.sql',
             CASE WHEN i % (${count} / 10) = 5 THEN 'image' WHEN i % 3 = 0 THEN 'sql' ELSE 'text' END,
             now() - i * interval '1 second'
           FROM generate_series(1, ${count}) i;
         INSERT INTO workfile_versions (id, workfile_id, version_num, owner_id, modifier_id, file_name, content_type,
             size_bytes, contents)
           SELECT id, id, 1, owner_id, owner_id, file_name, 'text/plain', 9, 'SELECT 1;' FROM workfiles
           WHERE workspace_id = ${WORKSPACE};
         UPDATE workfiles SET latest_version_id = id WHERE workspace_id = ${WORKSPACE};
         INSERT INTO events (action, actor_id, workspace_id, target1_type, target1_id, additional_data)
           SELECT 'WorkfileCreated', owner_id, workspace_id, 'workfile', id, '{"commit_message": null}' FROM workfiles
           WHERE workspace_id = ${WORKSPACE}`,
      );
      for (const table of ['workfiles', 'workfile_versions', 'events', 'workfile_counts'])
        await client.query(`VACUUM ANALYZE ${table}`);
    } finally {
      await client.end();
    }
    return new FilledServer(await ApiSession.login(product.url, 'owner', 'secret'), count);
  }

  /** @returns status and milliseconds of one call */
  async sample(one: ListCase): Promise<{ readonly status: number; readonly ms: number }> {
    return this.session.call('GET', one.path(this.count));
  }
}

export interface ListFigures {
  /** Median milliseconds. */
  readonly smallMs: number;
  readonly largeMs: number;
}

/** The two take turns, so that both see the same machine; null for a route that is not there. */
export async function compareLists(
  one: ListCase,
  small: FilledServer,
  large: FilledServer,
): Promise<ListFigures | null> {
  const times = { small: [] as number[], large: [] as number[] };
  const samples = one.aim === null ? SAMPLES / 4 : SAMPLES;
  for (let i = -WARM_UP; i < samples; i += 1) {
    const [a, b] = [await small.sample(one), await large.sample(one)];
    if (a.status === 404) return null;
    if (a.status !== 200 || b.status !== 200)
      throw new Error(`${one.label}: ${a.status} and ${b.status}`);
    if (i < 0) continue;
    times.small.push(a.ms);
    times.large.push(b.ms);
  }
  return { smallMs: percentiles(times.small).p50, largeMs: percentiles(times.large).p50 };
}
