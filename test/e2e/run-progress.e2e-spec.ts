import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Observer } from '../support/observer.js';
import {
  ALPINE_FLOW,
  AT_WORK,
  GOLF_FLOW,
  runEnded,
  seenWorking,
  startRun,
} from '../support/runs.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import type { TestClient } from '../support/test-client.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { until } from '../support/wait.js';

interface Seen {
  readonly id: number;
  readonly event: string;
  readonly data: any;
}

describe('progress of a run', () => {
  let server: TestServer;
  let app: TestApp;
  let owner: TestClient;
  let observer: Observer;

  beforeAll(async () => {
    server = await startTestServer();
    app = await startTestApp(server.config());
    owner = await app.as('owner');
    observer = await Observer.on(server.dataUrl);
  });
  afterEach(() => owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`));
  afterAll(async () => {
    await observer.close();
    await app.close();
    await server.stop();
  });

  /** Reads a stream to its end, or until enough was seen. */
  const watch = async (
    path: string,
    lastEventId = 0,
    enough: (seen: readonly Seen[]) => boolean = () => false,
    by = owner,
  ): Promise<Seen[]> => {
    const response = await fetch(`${app.url}${path}/events`, {
      headers: {
        cookie: by.cookie ?? '',
        ...(lastEventId > 0 && { 'last-event-id': String(lastEventId) }),
      },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const seen: Seen[] = [];
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        text = text.slice(end + 2);
        if (fields['id'] !== undefined)
          seen.push({
            id: Number(fields['id']),
            event: fields['event'] ?? '',
            data: JSON.parse(fields['data'] ?? ''),
          });
      }
      // Leaving the loop closes the connection.
      if (enough(seen)) break;
    }
    return seen;
  };

  it('is told while it happens, and ends with the final state', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    const watching = watch(path);
    await seenWorking(observer, path, AT_WORK);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
    const seen = await watching;
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, i) => i + 1));
    const states = seen.filter(({ event }) => event === 'state').map(({ data }) => data.status);
    expect(states).toEqual(['queued', 'running', 'stopping', 'stopped']);
    expect(seen.at(-1)).toMatchObject({ event: 'state', data: { status: 'stopped' } });
    const finished = seen.filter(({ event }) => event === 'operator_finished');
    expect(finished.find(({ data }) => data.name === 'Heavy users')!.data).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      uuid: expect.any(String),
      name: 'Heavy users',
      type: 'Row Filter',
      status: 'finished',
      row_count: expect.any(Number),
      milliseconds: expect.any(Number),
      error: null,
      sqlstate: null,
    });
    expect(finished.find(({ data }) => data.name === 'Look-alikes')!.data.status).toBe(
      'rolled_back',
    );
  });

  it('goes on where a client left off, without gap or repetition', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    const first = await watch(path, 0, (seen) => seen.length >= 3);
    await seenWorking(observer, path, AT_WORK);
    const second = await watch(path, first.at(-1)!.id, (seen) =>
      seen.some(({ data }) => data.name === 'Look-alikes'),
    );
    const rest = watch(path, second.at(-1)!.id);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
    const ids = [...first, ...second, ...(await rest)].map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    const over = await owner.get(`${path}/events`, {
      headers: { 'last-event-id': String(ids.at(-1)) },
    });
    expect(over.status).toBe(204);
    const all = await watch(path);
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  it('is for those who may see the workfile', async () => {
    const path = await startRun(owner, GOLF_FLOW);
    await runEnded(owner, path);
    for (const what of ['events', 'image.svg', 'results']) {
      expect((await app.anonymous.get(`${path}/${what}`)).status).toBe(401);
      expect((await owner.get(`/api/runs/${randomUUID()}/${what}`)).status).toBe(404);
      expect((await owner.get(`/api/runs/nothing/${what}`)).status).toBe(404);
    }
    const outsider = await app.as('outsider');
    expect((await outsider.get('/api/workfiles/1000030/image.svg')).status).toBe(403);
  });

  it('is told for as long as one may see it: not behind a logout', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    const leaving = await app.as('owner');
    const heard: Seen[] = [];
    const isEnough = (seen: readonly Seen[]) => {
      heard.push(...seen);
      return false;
    };
    const watched = watch(path, 0, isEnough, leaving);
    await until('it is told', () => Promise.resolve(heard.length > 0));
    await leaving.delete('/api/sessions');
    const seen = await watched;
    expect(seen.at(-1)).not.toMatchObject({ data: { status: 'stopped' } });
    expect((await owner.get(path)).response.status).toBe('running');
  });

  it('is told to a hundred streams of one person', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    const leaving = new AbortController();
    const open = () =>
      fetch(`${app.url}${path}/events`, {
        headers: { cookie: owner.cookie ?? '' },
        signal: leaving.signal,
      });
    const streams = await Promise.all(Array.from({ length: 100 }, open));
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await owner.get(`${path}/events`);
    expect([refused.status, refused.json]).toEqual([
      429,
      { errors: { message: 'You are watching 100 runs. Close one of them.' } },
    ]);
    const member = await app.as('member');
    await watch(path, 0, (seen) => seen.length > 0, member);
    leaving.abort();
    await until('there is room again', async () => {
      const asked = new AbortController();
      const { status } = await fetch(`${app.url}${path}/events`, {
        headers: { cookie: owner.cookie ?? '' },
        signal: asked.signal,
      });
      asked.abort();
      return status === 200;
    });
  });

  it('is told to as many again when those before went before they were answered', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    // Some of them while their right is looked at.
    const leave = async (i: number) => {
      const leaving = new AbortController();
      const asked = fetch(`${app.url}${path}/events`, {
        headers: { cookie: owner.cookie ?? '' },
        signal: leaving.signal,
      }).catch(() => null);
      await sleep(i % 25);
      leaving.abort();
      await asked;
    };
    for (let round = 0; round < 25; round += 1)
      await Promise.all(Array.from({ length: 25 }, (_, i) => leave(i)));
    expect((await watch(path, 0, (seen) => seen.length > 0)).length).toBeGreaterThan(0);
  });

  it('is shown as a picture, each operator in the colour of its state', async () => {
    const path = await startRun(owner, ALPINE_FLOW);
    await seenWorking(observer, path, AT_WORK);
    const picture = await owner.get(`${path}/image.svg`);
    await owner.post(`/api/workfiles/${ALPINE_FLOW}/stop`);
    expect(picture.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(picture.text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(picture.text).toContain('Look-alikes: Join · running');
    expect(picture.text).toContain('Heavy users: Row Filter · finished');
    expect(picture.text.match(/marker-end/g)).toHaveLength(4);
    const stopped = await owner.get(`/api/workfiles/${ALPINE_FLOW}/image.svg`);
    expect(stopped.text).toContain('Look-alikes: Join · rolled back');
    expect((await owner.get('/api/workfiles/1000010/image.svg')).status).toBe(404);
    mkdirSync('test-artifacts', { recursive: true });
    writeFileSync('test-artifacts/run.svg', picture.text);
  });
});
