import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  itemsStatement,
  listStatement,
  type WorkfileFilter,
} from '../../src/workfiles/workfile-list.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const OWNER = 1_000_006;
const SMALL = 2_000_001;
const LARGE = 2_000_002;
const EMPTY = 2_000_003;
const ROWS = 37;
const MANY = 2100;

/** Whatever is asked for, the pages put together are the list. */
describe('pages of the list of workfiles', () => {
  let server: TestServer;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startTestServer();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    // Names that differ in case alone and equal dates, so that the ids decide; rows of others and deleted ones between.
    await client.query(
      `INSERT INTO workspaces (id, name, owner_id, public)
         SELECT id, 'Pages ' || id, ${OWNER}, true FROM unnest(ARRAY[${SMALL}, ${LARGE}, ${EMPTY}]) id;
       INSERT INTO workfiles (id, kind, workspace_id, owner_id, file_name, file_type, user_modified_at, deleted_at)
         SELECT 3000000 + i, (ARRAY['file', 'published_worklet', 'link', 'file', 'workflow'])[1 + i % 5], ${SMALL}, ${OWNER},
           CASE WHEN i % 2 = 0 THEN 'Name ' ELSE 'name ' END || i / 2 * 7 % 19, (ARRAY['sql', 'text', 'work_flow'])[1 + i % 3],
           '2026-01-01'::timestamptz + i / 3 * 5 % 13 * interval '1 hour', NULL
         FROM generate_series(1, ${ROWS}) i;
       INSERT INTO workfiles (id, kind, workspace_id, owner_id, file_name, file_type, user_modified_at, deleted_at)
         SELECT 3000100 + i, 'file', CASE WHEN i % 2 = 0 THEN ${SMALL} ELSE ${EMPTY} END, ${OWNER}, 'name ' || i, 'sql',
           '2026-01-01'::timestamptz + i * interval '1 hour', now()
         FROM generate_series(1, 20) i;
       INSERT INTO workfiles (id, kind, workspace_id, owner_id, file_name, file_type, link_url, user_modified_at)
         SELECT 3001000 + i, 'link', ${LARGE}, ${OWNER}, 'link ' || md5(i::text), (ARRAY['sql', 'text'])[1 + i % 2],
           'https://example.com/', '2026-01-01'::timestamptz + i * 7 % 11 * interval '1 hour'
         FROM generate_series(1, ${MANY}) i`,
    );
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  /** The whole list, as simple as can be. */
  const whole = async (workspace: number, filter: WorkfileFilter): Promise<number[]> => {
    const { rows } = await client.query<{ id: number }>(
      `SELECT id FROM workfiles WHERE workspace_id = $1 AND deleted_at IS NULL AND ($2::text IS NULL OR file_type = $2)
         AND ($3::text IS NULL OR strpos(file_name, $3) > 0) AND NOT ($4::boolean AND kind = 'published_worklet')
       ORDER BY ${filter.newestFirst ? 'user_modified_at DESC, id DESC' : 'lower(file_name), id'}`,
      [workspace, filter.fileType, filter.namePart, filter.withoutPublishedWorklets],
    );
    return rows.map(({ id }) => id);
  };
  const filters = (
    parts: readonly (string | null)[],
    types: readonly (string | null)[],
  ): WorkfileFilter[] =>
    [false, true].flatMap((newestFirst) =>
      [false, true].flatMap((withoutPublishedWorklets) =>
        types.flatMap((fileType) =>
          parts.map((namePart) => ({
            newestFirst,
            withoutPublishedWorklets,
            fileType,
            namePart,
          })),
        ),
      ),
    );

  /** One page as the product reads it; the names of its statements come again, so that both kinds of plan are used. */
  const pageOf = async (
    workspace: number,
    filter: WorkfileFilter,
    page: number,
    perPage: number,
    near: number,
  ) => {
    const { name, text, values } = listStatement(workspace, filter, { page, perPage }, near);
    const first = await client.query({
      ...(name !== null && { name: `${name}-${near}` }),
      text,
      values: [...values],
    });
    const [row] = first.rows;
    const { items } =
      name !== null
        ? row
        : (await client.query({ ...itemsStatement(filter), values: [row.ids] })).rows[0];
    const ids = items.map(({ parts }: any) => parts.workfile.id as number);
    return { ids: ids as number[], records: Number(row.records) };
  };

  /** Sizes that divide the list and such that do not, and how many rows are near the start. */
  const SIZES = [
    [1, 0],
    [2, 0],
    [5, 0],
    [7, 20],
    [18, 0],
    [19, 0],
    [ROWS - 1, 0],
    [ROWS, 0],
    [ROWS + 1, 0],
    [ROWS + 1, 1000],
  ] as const;

  it.each([
    ['of some', SMALL],
    ['of none', EMPTY],
  ])('whatever filters, sorts and divides them: %s', async (_, workspace) => {
    const lengths = new Set<number>();
    for (const filter of filters([null, 'name', '1', 'none'], [null, 'sql', 'none'])) {
      const all = await whole(workspace, filter);
      lengths.add(all.length);
      for (const [perPage, near] of SIZES) {
        const read: number[] = [];
        const pages = Math.ceil(all.length / perPage) + 2;
        for (let page = 1; page <= pages; page += 1) {
          const { ids, records } = await pageOf(workspace, filter, page, perPage, near);
          const from = (page - 1) * perPage;
          const asked = { filter, page, perPage, near };
          expect({ asked, ids, records }).toEqual({
            asked,
            ids: all.slice(from, from + perPage),
            records: all.length,
          });
          read.push(...ids);
        }
        expect(read).toEqual(all);
      }
    }
    // The filters do filter, where there is something.
    if (workspace === EMPTY) expect([...lengths]).toEqual([0]);
    else expect(lengths.size).toBeGreaterThan(6);
  });

  it('with no rows to a page, however far', async () => {
    for (const filter of filters([null, 'name'], [null]))
      for (const page of [1, 2, 1_000_000_000]) {
        const { ids, records } = await pageOf(SMALL, filter, page, 0, 0);
        expect(ids).toEqual([]);
        expect(records).toBe((await whole(SMALL, filter)).length);
      }
  });

  it.each(['force_generic_plan', 'force_custom_plan'])(
    'the last one without reading those before it: %s',
    async (mode) => {
      await client.query('VACUUM ANALYZE workfiles');
      await client.query(`SET plan_cache_mode = ${mode}`);
      for (const filter of filters([null], [null, 'sql'])) {
        const { name, text, values } = listStatement(
          LARGE,
          filter,
          {
            page: filter.fileType === null ? MANY / 50 : MANY / 100,
            perPage: 50,
          },
          0,
        );
        await client.query(`PREPARE "${mode} ${name}" AS ${text}`);
        const bound = values.map((value) => pg.escapeLiteral(String(value))).join(', ');
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN (ANALYZE, TIMING OFF) EXECUTE "${mode} ${name}" (${bound})`,
        );
        const scans = rows
          .map((row) => row['QUERY PLAN'])
          .filter((line) => / on workfiles wf/.test(line));
        const read = scans.map((line) => Number(/actual rows=(\d+)/.exec(line)?.[1] ?? 0));
        expect({ scans, most: Math.max(...read) }).toEqual({ scans, most: 50 });
      }
      await client.query('RESET plan_cache_mode');
    },
  );

  describe('over HTTP', () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await startTestApp(server.config());
    });
    afterAll(() => app.close());

    it('near the start, before and behind the middle, and beyond the end', async () => {
      const owner = await app.as('owner');
      for (const filter of filters([null, 'link'], [null, 'sql'])) {
        if (filter.withoutPublishedWorklets && filter.fileType !== null) continue;
        const all = await whole(LARGE, filter);
        const parameters = new URLSearchParams({
          order: filter.newestFirst ? 'date' : 'file_name',
          ...(filter.fileType !== null && { file_type: filter.fileType }),
          ...(filter.namePart !== null && { name_pattern: filter.namePart }),
          ...(filter.withoutPublishedWorklets && { no_published_worklets: 'true' }),
        });
        const check = async (page: number, perPage: number): Promise<number> => {
          const { json } = await owner.get(
            `/api/workspaces/${LARGE}/workfiles?${parameters.toString()}&page=${page}&per_page=${perPage}`,
          );
          const from = (page - 1) * perPage;
          expect(json.response.map(({ id }: any) => id)).toEqual(all.slice(from, from + perPage));
          expect(json.pagination).toEqual({
            page,
            per_page: perPage,
            records: all.length,
            total: Math.ceil(all.length / perPage),
          });
          return json.response.length;
        };
        let read = 0;
        for (let page = 1; page <= 8; page += 1) read += await check(page, 350);
        expect(read).toBe(all.length);
        for (const page of [20, 21, 22, 41, 42, 43, 1_000_000_000]) await check(page, 50);
      }
    });
  });
});
