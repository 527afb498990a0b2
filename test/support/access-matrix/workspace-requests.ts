import { randomUUID } from 'node:crypto';
import { ADMIN, MEMBER, OUTSIDER, OWNER } from '../data-sources.js';
import { json, multipart } from '../forms.js';
import type { Asked, Column, Request } from './walk.js';
import { type Actor, USER_IDS, type World } from './world.js';

export interface Place {
  readonly public: boolean;
  readonly archived: boolean;
}

const column = (actor: Actor, isPublic = false, archived = false): Column<Place> => ({
  actor,
  place: { public: isPublic, archived },
});

export const WORKSPACE_COLUMNS: Readonly<Record<string, Column<Place>>> = {
  nobody: column('nobody', true),
  expired: column('expired'),
  stranger: column('outsider', true),
  hidden: column('outsider'),
  member: column('member'),
  owner: column('owner'),
  admin: column('admin'),
  'archived:stranger': column('outsider', true, true),
  'archived:member': column('member', false, true),
  'archived:owner': column('owner', false, true),
  'archived:admin': column('admin', false, true),
};

/** Tables of the demo data source. */
const CREDIT = 1_000_011;
const GOLF = 1_000_013;
const DEMO_SCHEMA = 1_000_007;

/** The smallest picture there is. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export function workspaceRequests(world: World): Readonly<Record<string, Request<Place>>> {
  /** About a workspace. */
  const workspace =
    (asked: object = {}, options: { readonly role?: string; readonly param?: string } = {}) =>
    async ({ place }: Column<Place>): Promise<Asked> => {
      const { role, param = 'id' } = options;
      const id = await world.workspace({ ...place, ...(role !== undefined && { role }) });
      return { path: { [param]: id }, ...asked };
    };
  /** About a workspace that uses a dataset. */
  const datasets =
    (asked: object, path: object = {}) =>
    async ({ place }: Column<Place>): Promise<Asked> => {
      const id = await world.workspace(place);
      await world.one(
        'INSERT INTO associated_datasets (workspace_id, dataset_id) VALUES ($1, $2)',
        [id, CREDIT],
      );
      return { path: { workspace_id: id, ...path }, ...asked };
    };
  /** About a file. */
  const file =
    (asked: object = {}, { versions = 1 } = {}) =>
    async ({ place }: Column<Place>): Promise<Asked> => {
      const { id, versionId } = await world.file(await world.workspace(place), { versions });
      return { path: { id, version_id: versionId }, ...asked };
    };
  /** About a workflow. */
  const flow =
    (asked: object = {}, prepare: (id: number) => Promise<unknown> = () => Promise.resolve()) =>
    async ({ place }: Column<Place>): Promise<Asked> => {
      const id = await world.workflow(await world.workspace(place));
      await prepare(id);
      return { path: { id }, ...asked };
    };
  const touchpoint = (kind: 'worklet' | 'published_worklet') =>
    flow({}, (id) =>
      world.one('UPDATE workfiles SET kind = $2, file_type = $2 WHERE id = $1', [id, kind]),
    );
  /** About a file of which the one who asks has a draft. */
  const draft =
    (asked: object = {}) =>
    async ({ actor, place }: Column<Place>): Promise<Asked> => {
      const { id } = await world.file(await world.workspace(place));
      await world.one(
        `INSERT INTO workfile_drafts (workfile_id, owner_id, base_version, content) VALUES ($1, $2, 1, 'x')`,
        [id, USER_IDS[actor] || OWNER],
      );
      return { path: { id }, ...asked };
    };
  const image = multipart([['files[]', { name: 'a.png', contents: PIXEL }]]);
  const members = json({ member_ids: [OWNER, MEMBER, OUTSIDER] });
  const creation =
    (body: object) =>
    async ({ place }: Column<Place>): Promise<Asked> => ({
      path: { workspace_id: await world.workspace(place) },
      ...json({ ...body, file_name: randomUUID() }),
    });
  const execution =
    (schemaOf: () => Promise<number>) =>
    async ({ place }: Column<Place>): Promise<Asked> => {
      const schemaId = await schemaOf();
      const { id } = await world.file(await world.workspace(place), { schemaId });
      return { path: { id }, ...json({ check_id: randomUUID(), sql: 'SELECT 1' }) };
    };
  const versionImage = file();

  return {
    'GET /api/workspaces/{id}': workspace(),
    'PUT /api/workspaces/{id} # name and summary': async (column) => {
      const body = json({ name: world.name(), summary: 'changed' });
      return workspace(body)(column);
    },
    'PUT /api/workspaces/{id} # anything else': workspace(json({ show_sandbox_datasets: false })),
    'PUT /api/workspaces/{id} # archive': workspace(json({ archived: true })),
    'PUT /api/workspaces/{id} # unarchive': workspace(json({ archived: false })),
    'PUT /api/workspaces/{id} # hand over': workspace(json({ owner_id: MEMBER })),
    'DELETE /api/workspaces/{id}': workspace(),
    'GET /api/workspaces/{id}/members': workspace(),
    'POST /api/workspaces/{id}/members': workspace(members),
    'POST /api/workspaces/{id}/members # project manager': workspace(members, {
      role: 'Project Manager',
    }),
    'GET /api/workspaces/{id}/image': async (column) => {
      const asked = await workspace()(column);
      await world.picture('workspace_id', Number(asked.path?.['id']));
      return asked;
    },
    'POST /api/workspaces/{id}/image': workspace({ body: image }),
    'POST /api/workspaces/{id}/sandbox': workspace(json({ schema_id: DEMO_SCHEMA })),
    'DELETE /api/workspaces/{id}/quickstart': workspace(),
    'POST /api/workspaces/{id}/stop': async ({ place }) => {
      const id = await world.workspace(place);
      await world.queuedRun(await world.workflow(id));
      return { path: { id } };
    },
    'GET /api/workspaces/{workspace_id}/datasets': datasets({}),
    'POST /api/workspaces/{workspace_id}/datasets': datasets(json({ dataset_ids: [GOLF] })),
    'DELETE /api/workspaces/{workspace_id}/datasets': datasets(json({ dataset_ids: [CREDIT] })),
    'DELETE /api/workspaces/{workspace_id}/datasets/{id}': datasets({}, { id: CREDIT }),

    'GET /api/workspaces/{workspace_id}/workfiles': workspace({}, { param: 'workspace_id' }),
    'POST /api/workspaces/{workspace_id}/workfiles': creation({}),
    'POST /api/workspaces/{workspace_id}/workfiles # flow': creation({ entity_subtype: 'alpine' }),
    'DELETE /api/workspaces/{workspace_id}/workfiles': async ({ place }) => {
      const workspaceId = await world.workspace(place);
      const { id } = await world.file(workspaceId);
      return { path: { workspace_id: workspaceId }, query: `?workfile_ids[]=${id}` };
    },
    'GET /api/workfiles/{id}': file(),
    'GET /api/workfiles/{id} # published touchpoint': touchpoint('published_worklet'),
    'PUT /api/workfiles/{id}': file(json({ description: 'changed' })),
    'DELETE /api/workfiles/{id}': file(),
    'POST /api/workfiles/{id}/copy': file(),
    "POST /api/workfiles/{id}/copy # into one's own": async ({ actor, place }) => {
      const { id } = await world.file(await world.workspace(place));
      const ownerId = USER_IDS[actor] || ADMIN;
      const own = await world.workspace({ ownerId, memberId: ownerId });
      return { path: { id }, ...json({ workspace_id: own }) };
    },
    'GET /api/workfiles/{id}/download': file(),
    'GET /workfile_versions/{version_id}/image': versionImage,
    'GET /api/workfile_versions/{version_id}/image': versionImage,
    'GET /api/workfiles/{id}/image.svg': flow(),
    'GET /api/workfiles/{id}/draft': draft(),
    'POST /api/workfiles/{id}/draft': file(json({ content: 'new' })),
    'PUT /api/workfiles/{id}/draft': draft(json({ content: 'new' })),
    'DELETE /api/workfiles/{id}/draft': draft(),
    'POST /api/workfiles/{id}/results': flow(json({ result_id: 'r', results_written: 'true' })),
    'GET /api/workfiles/{id}/versions': file(),
    'POST /api/workfiles/{id}/versions': file(json({ content: 'new', commit_message: 'again' })),
    'GET /api/workfiles/{id}/versions/{version_id}': file(),
    'PUT /api/workfiles/{id}/versions/{version_id}': file(json({ content: 'new' })),
    'DELETE /api/workfiles/{id}/versions/{version_id}': file({}, { versions: 2 }),
    'POST /api/workfiles/{id}/executions': execution(() => Promise.resolve(DEMO_SCHEMA)),
    'POST /api/workfiles/{id}/executions # no account': execution(
      async () => (await world.closedSource()).schemaId,
    ),
    'DELETE /api/workfiles/{id}/executions/{check_id} # own': async ({ actor, place }) => {
      const { id } = await world.file(await world.workspace(place));
      const checkId = await world.execution(USER_IDS[actor] || OWNER, { workfileId: id });
      return { path: { id, check_id: checkId } };
    },
    'DELETE /api/workfiles/{id}/executions/{check_id} # other': async ({ actor, place }) => {
      const { id } = await world.file(await world.workspace(place));
      const other = actor === 'owner' ? MEMBER : OWNER;
      return { path: { id, check_id: await world.execution(other, { workfileId: id }) } };
    },
    'POST /api/workfiles/{id}/run': flow(),
    'POST /api/workfiles/{id}/run # no account': async ({ place }) => {
      const { databaseId } = await world.closedSource();
      const workspaceId = await world.workspace(place);
      return { path: { id: await world.workflow(workspaceId, '<Process/>', databaseId) } };
    },
    'POST /api/workfiles/{id}/stop': flow({}, (id) => world.queuedRun(id)),
    'POST /api/workfiles/{id}/stop # touchpoint': touchpoint('worklet'),
    'POST /api/workfiles/{id}/stop # published touchpoint': touchpoint('published_worklet'),
    'GET /api/workfiles/{id}/runs': flow({}, (id) => world.queuedRun(id)),
  };
}
