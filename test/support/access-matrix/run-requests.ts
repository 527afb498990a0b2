import { flowXml, operator, tableSource } from '../flows.js';
import { json } from '../forms.js';
import { runEnded, startRun } from '../runs.js';
import type { Asked, Column, Request } from './walk.js';
import type { World } from './world.js';
import type { Place } from './workspace-requests.js';

type Requests = Readonly<Record<string, Request<Place>>>;

const FLOW = flowXml({
  operators: [tableSource('golfnew'), operator('file', 'Export')],
  links: [['golfnew', 'file']],
});

/** About runs that are over, and starts: a worker is needed. */
export function workedRunRequests(world: World): Requests {
  interface Finished {
    readonly runId: string;
    readonly workflowId: number;
  }
  // Looking changes nothing: one real run for each column serves all routes.
  const finished = new Map<Column<Place>, Promise<Finished>>();
  const finish = async ({ place }: Column<Place>): Promise<Finished> => {
    const workspaceId = await world.workspace({ ...place, archived: false });
    const workflowId = await world.workflow(workspaceId, FLOW);
    const path = await startRun(world.as('admin'), workflowId);
    const { status } = await runEnded(world.as('admin'), path);
    if (status !== 'succeeded') throw new Error(`the run has ${String(status)}`);
    if (place.archived)
      await world.one('UPDATE workspaces SET archived_at = now(), archiver_id = $2 WHERE id = $1', [
        ...[workspaceId, 1_000_006],
      ]);
    return { runId: path.split('/').at(-1) ?? '', workflowId };
  };
  const run =
    (asked: Asked = {}) =>
    async (column: Column<Place>): Promise<Asked> => {
      if (!finished.has(column)) finished.set(column, finish(column));
      const { runId, workflowId } = await finished.get(column)!;
      const path = { id: runId, processId: runId, workflowId, position: 1 };
      return { path, ...asked };
    };
  const flow = async ({ place }: Column<Place>) =>
    world.workflow(await world.workspace(place), FLOW);
  const engine = '/alpinedatalabs/api/v1/json';
  return {
    'GET /api/runs/{id}': run(),
    'GET /api/runs/{id}/results': run(),
    'GET /api/runs/{id}/exports': run(),
    'GET /api/runs/{id}/exports/{position}': run(),
    'GET /api/runs/{id}/events': run(),
    'GET /api/runs/{id}/image.svg': run(),
    [`GET ${engine}/processes/{processId}/query`]: run(),
    [`GET ${engine}/workflows/{workflowId}/results/{processId}`]: run(),
    [`POST ${engine}/workflows/{workflowId}/run`]: async (column) => ({
      path: { workflowId: await flow(column) },
    }),
    'POST /alpinedatalabs/main/chorus.do # runWorkFlow': async (column) => ({
      query: `?method=runWorkFlow&workfile_id=${await flow(column)}`,
      ...json({}),
    }),
  };
}

/** About runs that wait: no worker may be there. */
export function waitingRunRequests(world: World): Requests {
  const run =
    (ask: (runId: string) => Asked) =>
    async ({ place }: Column<Place>): Promise<Asked> =>
      ask(await world.queuedRun(await world.workflow(await world.workspace(place))));
  const call = (method: string) =>
    run((id) => ({ query: `?method=${method}&process_id=${id}`, ...json({}) }));
  return {
    'POST /alpinedatalabs/api/v1/json/processes/{processId}/stop': run((processId) => ({
      path: { processId },
    })),
    'POST /alpinedatalabs/main/chorus.do # stopWorkFlow': call('stopWorkFlow'),
    'POST /alpinedatalabs/main/chorus.do # checkWorkFlowRunning': call('checkWorkFlowRunning'),
    'GET /paperclip/workspaces/images/{a}/{b}/{c}/{style}/{fileName}': async ({ place }) => {
      const id = await world.workspace(place);
      await world.picture('workspace_id', id);
      return { path: picturePath(id) };
    },
  };
}

/** The address that documents print for a picture, in its parts. */
export function picturePath(id: number) {
  const [a = '', b = '', c = ''] = String(id).padStart(9, '0').match(/\d{3}/g) ?? [];
  return { a, b, c, style: 'original', fileName: 'User.png' };
}
