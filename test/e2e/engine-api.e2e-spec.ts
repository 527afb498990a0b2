import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { flowXml, rowFilter, storeFlow, tableSource, variable } from '../support/flows.js';
import { Observer } from '../support/observer.js';
import { ALPINE_FLOW, AT_WORK, GOLF_FLOW, seenWorking } from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { Answer, TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const API = '/alpinedatalabs/api/v1/json';
const JSON_TYPE = { 'content-type': 'application/json' };
const OVER = 'Workflow not started or already stopped.\n';

/** The reference client's `workfile.process`, with the bytes it sends and the conclusions it draws. */
class Process {
  constructor(private readonly session: TestClient) {}

  async run(workflowId: number, variables?: object[]): Promise<string> {
    const body = variables && JSON.stringify({ meta: { version: 1 }, variables });
    const answer = await this.call(
      'POST',
      `workflows/${workflowId}/run?saveResult=true`,
      {
        ...JSON_TYPE,
        'x-token': this.session.token,
        ...(body === undefined && { 'content-length': '0' }),
      },
      body,
    );
    if (answer.status !== 200) throw new Error(`RunFlowFailureException ${answer.status}`);
    return answer.json.meta.processId;
  }

  async queryStatus(processId: string): Promise<string | null> {
    const answer = await this.call('GET', `processes/${processId}/query`, JSON_TYPE);
    if (answer.status !== 200) throw new Error(`RunFlowFailureException ${answer.status}`);
    try {
      const { state } = JSON.parse(answer.text).meta;
      return ['STARTED', 'NODE_STARTED', 'IN_PROGRESS', 'NODE_FINISHED'].includes(state)
        ? 'WORKING'
        : null;
    } catch {
      return [OVER, 'invalid processID or workflow already stopped.\n'].includes(answer.text)
        ? 'FINISHED'
        : 'FAILED';
    }
  }

  async stop(processId: string): Promise<string> {
    const answer = await this.call('POST', `processes/${processId}/stop`, {
      'content-length': '0',
    });
    if (answer.status !== 200) throw new Error(`StopFlowFailureException ${answer.status}`);
    return JSON.parse(answer.text).status === 'Flow stopped.\n' ? 'STOPPED' : 'STOP FAILED';
  }

  async downloadResults(workflowId: number, processId: string): Promise<any> {
    const answer = await this.call('GET', `workflows/${workflowId}/results/${processId}`);
    if (answer.status !== 200) throw new Error(`ResultsNotFoundException ${answer.status}`);
    return JSON.parse(JSON.parse(answer.text));
  }

  async waitUntilFinished(workflowId: number, processId: string): Promise<any> {
    const deadline = Date.now() + 20_000;
    while ((await this.queryStatus(processId)) === 'WORKING') {
      if (Date.now() > deadline) throw new Error('RunFlowTimeoutException');
      await sleep(20);
    }
    // No pause: the document must be there as soon as the run is reported over.
    return this.downloadResults(workflowId, processId);
  }

  private async call(method: string, path: string, headers = {}, body?: string): Promise<Answer> {
    const answer = await this.session.call(method, `${API}/${path}`, {
      headers,
      ...(body !== undefined && { body }),
    });
    expect(answer.headers.get('content-type')).toBe('application/json;charset=UTF-8');
    return { ...answer };
  }
}

describe('engine API', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let outsider: TestClient;
  let observer: Observer;
  let process: Process;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    outsider = await app.as('outsider');
    observer = await Observer.on(server.dataUrl);
    process = new Process(owner);
    await storeFlow(server, GOLF_FLOW, FLOW);
  });
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  const FLOW = flowXml({
    operators: [
      tableSource('golfnew'),
      rowFilter('kept', '"humidity" > @limit'),
      variable('doubled', 'outlook', { twice: ['NUMERIC', '"humidity" * 2'] }),
    ],
    links: [
      ['golfnew', 'kept'],
      ['kept', 'doubled'],
    ],
    variables: { '@limit': '0' },
  });
  const runUrl = (id: number, query = '') => `${API}/workflows/${id}/run${query}`;

  it('runs, queries and downloads as the reference client does', async () => {
    const pid = await process.run(GOLF_FLOW);
    const document = await process.waitUntilFinished(GOLF_FLOW, pid);
    expect(document.flowMetaInfo).toMatchObject({
      status: 'SUCCESS',
      processId: pid,
      noOfNodesProcessed: 3,
    });
    expect(document.outputs.map((one: any) => one.out_title)).toEqual([
      'golfnew',
      'kept',
      'doubled',
    ]);
    expect(await process.queryStatus(pid)).toBe('FINISHED');
    expect(await process.stop(pid)).toBe('STOPPED');
    const plain = await owner.get(`/api/runs/${pid}/results`);
    expect(plain.json).toEqual(document);
  });

  it('overrides variables, in both formats; undefined names are ignored', async () => {
    const pid = await process.run(GOLF_FLOW, [
      { name: '@limit', value: '90' },
      { name: '@nobody', value: 'x' },
    ]);
    const document = await process.waitUntilFinished(GOLF_FLOW, pid);
    const kept = document.outputs[1].visualData.items;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every(({ humidity }: any) => Number(humidity) > 90)).toBe(true);
    expect((await owner.get(`/api/runs/${pid}`)).response.variables).toEqual({
      '@limit': '90',
      '@nobody': 'x',
    });
    const flat = await owner.call('POST', runUrl(GOLF_FLOW), {
      headers: JSON_TYPE,
      body: '{"@limit": 95}',
    });
    expect(flat.status).toBe(200);
    const other = await process.waitUntilFinished(GOLF_FLOW, flat.json.meta.processId);
    expect(other.outputs[1].visualData.items.map(({ humidity }: any) => humidity)).toEqual(['96']);
  });

  it('answers a run with the recorded bytes', async () => {
    const answer = await owner.call('POST', runUrl(GOLF_FLOW), { headers: JSON_TYPE });
    const pid = answer.json.meta.processId;
    expect(answer.text).toBe(
      `{"meta":{"workflowId":"${GOLF_FLOW}","processId":"${pid}","user":"1000006","state":"STARTED"},"message":"workflow started","results":""}\n`,
    );
    await process.waitUntilFinished(GOLF_FLOW, pid);
  });

  it('tells which operator is at work, and stops it', async () => {
    const pid = await process.run(ALPINE_FLOW);
    await seenWorking(observer, pid, AT_WORK);
    const query = await owner.call('GET', `${API}/processes/${pid}/query`);
    expect(query.json).toEqual({
      meta: {
        workflowId: String(ALPINE_FLOW),
        processId: pid,
        user: '1000006',
        state: 'NODE_STARTED',
      },
      nodeInfo: { nodeId: expect.any(String), nodeName: 'Look-alikes' },
      message: ' started running...',
      results: '',
    });
    await expect(process.downloadResults(ALPINE_FLOW, pid)).rejects.toThrow(
      'ResultsNotFoundException 404',
    );
    expect(await process.stop(pid)).toBe('STOPPED');
    expect(await observer.tagged()).toEqual([]);
    expect(await process.queryStatus(pid)).toBe('FINISHED');
    const document = await process.downloadResults(ALPINE_FLOW, pid);
    expect(document.flowMetaInfo.status).toBe('STOPPED');
    expect(document.outputs.map((one: any) => one.out_title).sort()).toEqual([
      'Heavy users',
      'credit',
      'demographics',
    ]);
    const { json } = await owner.get(`/api/workfiles/${ALPINE_FLOW}/runs?per_page=1`);
    expect(json).toMatchObject({
      response: [{ id: pid, run_type: 'API', status: 'stopped' }],
      pagination: { page: 1, per_page: 1, records: 1, total: 1 },
    });
  });

  it('says why a run failed, also one that cannot run here', async () => {
    const flow = (...operators: Parameters<typeof flowXml>[0]['operators']) =>
      flowXml({ operators });
    await storeFlow(server, GOLF_FLOW, flow(tableSource('nowhere')));
    const missing = await process.run(GOLF_FLOW);
    const document = await process.waitUntilFinished(GOLF_FLOW, missing);
    expect(document.flowMetaInfo).toMatchObject({ status: 'FAILED', noOfError: 1 });
    expect((await owner.call('GET', `${API}/processes/${missing}/query`)).text).toBe(
      'Workflow failed: table "demo"."nowhere" does not exist in the data source, or may not be read\n',
    );
    await storeFlow(server, GOLF_FLOW, flow({ name: 'h', type: 'hadoop.HadoopFileOperator' }));
    const hadoop = await process.run(GOLF_FLOW);
    const refused = await process.waitUntilFinished(GOLF_FLOW, hadoop);
    expect(refused.outputs).toEqual([]);
    expect(refused.logs).toContainEqual(
      expect.objectContaining({
        message: 'process_error',
        errMessage: expect.stringContaining('needs a Hadoop data source'),
      }),
    );
    await storeFlow(server, GOLF_FLOW, 'no xml');
    await expect(process.run(GOLF_FLOW)).rejects.toThrow('RunFlowFailureException 422');
    await storeFlow(server, GOLF_FLOW, FLOW);
  });

  it('takes the token as parameter, header or cookie, and a stale one besides a valid one', async () => {
    const { token } = owner;
    const bare = app.anonymous;
    const query = `${API}/processes/${randomUUID()}/query`;
    const text = 'invalid processID or workflow already stopped.\n';
    const stale = 'f'.repeat(40);
    for (const [path, headers] of [
      [`${query}?token=${token}`, {}],
      [`${query}?session_id=${token}`, {}],
      [query, { 'x-token': token }],
      [query, { cookie: `_session_id=${token}` }],
      [query, { cookie: `_session_id=${token}`, 'x-token': stale }],
      [`${query}?token=${stale}`, { 'x-token': token }],
    ] as const) {
      const answer = await bare.get(path, { headers });
      expect([answer.status, answer.text]).toEqual([200, text]);
    }
    for (const headers of [{}, { 'x-token': stale }])
      expect((await bare.get(query, { headers })).status).toBe(401);
  });

  it.each([
    ['a malformed body', GOLF_FLOW, '', '{"variables": 3}', 400],
    ['a body that is no JSON', GOLF_FLOW, '', '{"variables"', 400],
    ['a variable without value', GOLF_FLOW, '', '{"variables": [{"name": "@a"}]}', 400],
    ['a wrong time limit', GOLF_FLOW, '?startTimeOut=soon', '', 400],
    ['an unknown workflow', 999, '', '', 404],
    ['a file that is no workflow', 1_000_010, '', '', 404],
  ])('refuses %s', async (_title, id, query, body, status) => {
    const answer = await owner.call('POST', runUrl(id, query), {
      headers: JSON_TYPE,
      ...(body && { body }),
    });
    expect(answer.status).toBe(status);
    expect(answer.json).toHaveProperty('errors');
  });

  it('lets each role do what it may', async () => {
    const pid = await process.run(GOLF_FLOW);
    await process.waitUntilFinished(GOLF_FLOW, pid);
    expect((await outsider.call('POST', runUrl(GOLF_FLOW))).status).toBe(403);
    expect((await outsider.call('POST', `${API}/processes/${pid}/stop`)).status).toBe(403);
    expect(
      (await outsider.call('GET', `${API}/workflows/${GOLF_FLOW}/results/${pid}`)).status,
    ).toBe(200);
    expect((await owner.call('GET', `${API}/workflows/${ALPINE_FLOW}/results/${pid}`)).status).toBe(
      404,
    );
    const member = await app.as('member');
    expect(await new Process(member).stop(pid)).toBe('STOPPED');
    expect((await owner.call('POST', `${API}/processes/${randomUUID()}/stop`)).text).toBe(
      '{"status":"Invalid processId or Workflow already stopped.\\n"}\n',
    );
  });

  it('keeps no result that is not wanted', async () => {
    const answer = await owner.call('POST', runUrl(GOLF_FLOW, '?saveResult=false'));
    const pid = answer.json.meta.processId;
    await expect(process.waitUntilFinished(GOLF_FLOW, pid)).rejects.toThrow(
      'ResultsNotFoundException 404',
    );
  });

  it('waits for a run under way, and calls off what cannot start in time', async () => {
    const first = await process.run(ALPINE_FLOW);
    const late = await owner.call('POST', runUrl(ALPINE_FLOW, '?startTimeOut=0.3'));
    expect(late.status).toBe(500);
    expect(late.json.errors).toEqual({
      record: 'RUN_FAILED',
      message: 'workflow not started within 0.3 seconds',
    });
    const waiting = owner.call('POST', runUrl(ALPINE_FLOW, '?startTimeOut=20'));
    await sleep(200);
    expect(await process.stop(first)).toBe('STOPPED');
    const second = (await waiting).json.meta.processId;
    expect(second).not.toBe(first);
    expect(await process.stop(second)).toBe('STOPPED');
  });

  it('serves the calls of the internal interface', async () => {
    const call = (query: string, body = '{}') =>
      app.anonymous.call(
        'POST',
        `/alpinedatalabs/main/chorus.do?session_id=${owner.token}&${query}`,
        { headers: JSON_TYPE, body },
      );
    const run = await call(`method=runWorkFlow&workfile_id=${ALPINE_FLOW}`, '{"@limit": "1"}');
    const pid = run.json.process_id;
    expect(pid).toMatch(/^[0-9a-f-]{36}$/);
    expect((await call(`method=checkWorkFlowRunning&process_id=${pid}`)).text).toBe('true');
    expect((await call(`method=stopWorkFlow&process_id=${pid}`)).status).toBe(200);
    expect((await call(`method=checkWorkFlowRunning&process_id=${pid}`)).text).toBe('false');
    expect((await call('method=dropEverything')).status).toBe(404);
  });
});
