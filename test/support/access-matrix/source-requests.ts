import { ADMIN, aRole, attributesOf, MEMBER, OUTSIDER, OWNER } from '../data-sources.js';
import { json } from '../forms.js';
import type { Asked, Column, Request } from './walk.js';
import { type Actor, type StoredSource, USER_IDS, type World } from './world.js';

export interface SourcePlace {
  readonly shared: boolean;
  readonly state: 'online' | 'disabled';
  /** Of a shared one only the owner has an account. */
  readonly accountsOf: readonly number[];
}

const HDFS_VERSION = 'Apache Hadoop 2.7';

const unshared = (actor: Actor, ...more: number[]): Column<SourcePlace> => ({
  actor,
  place: { shared: false, state: 'online', accountsOf: [OWNER, MEMBER, ...more] },
});
const shared = (actor: Actor): Column<SourcePlace> => ({
  actor,
  place: { shared: true, state: 'online', accountsOf: [OWNER] },
});
const disabled = (actor: Actor): Column<SourcePlace> => ({
  actor,
  place: { shared: false, state: 'disabled', accountsOf: [OWNER, MEMBER] },
});

export const SOURCE_COLUMNS: Readonly<Record<string, Column<SourcePlace>>> = {
  nobody: unshared('nobody'),
  expired: unshared('expired', ADMIN),
  outsider: unshared('outsider'),
  holder: unshared('member'),
  owner: unshared('owner'),
  admin: unshared('admin'),
  'admin+': unshared('admin', ADMIN),
  'shared:outsider': shared('outsider'),
  'shared:owner': shared('owner'),
  'shared:admin': shared('admin'),
  'disabled:outsider': disabled('outsider'),
  'disabled:holder': disabled('member'),
  'disabled:owner': disabled('owner'),
  'disabled:admin': disabled('admin'),
};

export async function sourceRequests(
  world: World,
): Promise<Readonly<Record<string, Request<SourcePlace>>>> {
  const role = await aRole(world.server);
  const credentials = { db_username: role.name, db_password: role.password };
  const about =
    (idOf: (source: StoredSource) => number, asked: object = {}, others: object = {}) =>
    async ({ place }: Column<SourcePlace>): Promise<Asked> => ({
      path: { id: idOf(await world.source({ ...place, ...others })) },
      ...asked,
    });
  const source = (asked: object = {}) => about(({ id }) => id, asked);
  const hdfs = (asked: object = {}) =>
    about(({ id }) => id, asked, {
      kind: 'hdfs_data_source',
      details: { hdfs_version: HDFS_VERSION },
    });
  const dataset = (asked: object = {}) => about(({ datasetId }) => datasetId, asked);
  /** About the account of somebody else: the holder's, or the owner's of a shared one. */
  const account =
    (asked: object = {}): Request<SourcePlace> =>
    async ({ place }) => {
      const { id } = await world.source(place);
      const holder = place.shared ? OWNER : MEMBER;
      const { id: accountId } = await world.one(
        'SELECT id FROM data_source_accounts WHERE data_source_id = $1 AND owner_id = $2',
        [id, holder],
      );
      return { path: { id, account_id: accountId }, ...asked };
    };
  const preview =
    (userOf: (actor: Actor) => number): Request<SourcePlace> =>
    async ({ actor, place }) => {
      const { datasetId } = await world.source(place);
      const checkId = await world.execution(userOf(actor), { datasetId });
      return { path: { id: datasetId, check_id: checkId } };
    };
  const someHdfs = (): Asked =>
    json({ name: world.name(), host: 'namenode', port: 8020, hdfs_version: HDFS_VERSION });

  return {
    'GET /api/data_sources': () => ({}),
    'POST /api/data_sources': () =>
      json(attributesOf(world.server, role, { name: world.name().slice(0, 60) })),
    'GET /api/data_sources/{id}': source(),
    'PUT /api/data_sources/{id}': source(json({ description: 'changed' })),
    'DELETE /api/data_sources/{id}': source(),
    'PUT /api/data_sources/{id}/owner': source(json({ id: MEMBER })),
    'POST /api/data_sources/{id}/sharing': source(),
    'DELETE /api/data_sources/{id}/sharing': source(),
    'GET /api/data_sources/{id}/account': source(),
    'POST /api/data_sources/{id}/account': source(json(credentials)),
    'PUT /api/data_sources/{id}/account': source(json(credentials)),
    'DELETE /api/data_sources/{id}/account': source(),
    'GET /api/data_sources/{id}/members': source(),
    'POST /api/data_sources/{id}/members': source(json({ owner_id: OUTSIDER, ...credentials })),
    'PUT /api/data_sources/{id}/members/{account_id}': account(json(credentials)),
    'DELETE /api/data_sources/{id}/members/{account_id}': account(),
    'POST /api/data_sources/{id}/stop': source(),
    'GET /api/data_sources/{id}/databases': source(),
    'GET /api/data_sources/{id}/schemas': about(({ id }) => id, {}, { kind: 'jdbc_data_source' }),
    'GET /api/data_sources/{id}/workspace_detail': source(),
    'GET /api/databases/{id}': about(({ databaseId }) => databaseId),
    'GET /api/databases/{id}/schemas': about(({ databaseId }) => databaseId),
    'GET /api/schemas/{id}': about(({ schemaId }) => schemaId),
    'GET /api/schemas/{id}/datasets': about(({ schemaId }) => schemaId),
    'GET /api/datasets/{id}': dataset(),
    'GET /api/datasets/{id}/columns': dataset(),
    'GET /api/datasets/{id}/statistics': dataset(),
    'POST /api/datasets/{id}/previews': dataset(json({ check_id: 'check' })),
    'DELETE /api/datasets/{id}/previews/{check_id} # own': preview(
      (actor) => USER_IDS[actor] || OWNER,
    ),
    'DELETE /api/datasets/{id}/previews/{check_id} # other': preview((actor) =>
      actor === 'owner' ? MEMBER : OWNER,
    ),
    'GET /api/hdfs_data_sources': () => ({}),
    'POST /api/hdfs_data_sources': someHdfs,
    'GET /api/hdfs_data_sources/{id}': hdfs(),
    'PUT /api/hdfs_data_sources/{id}': hdfs(json({ description: 'changed' })),
    'DELETE /api/hdfs_data_sources/{id}': hdfs(),
  };
}
