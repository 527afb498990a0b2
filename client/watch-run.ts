import { type Fermata, succeeded } from './index.js';

export interface RunEvent {
  /** Where to go on from: `Last-Event-ID`. */
  readonly id: string;
  readonly type: 'state' | 'operator_started' | 'operator_finished' | 'log';
  readonly data: Readonly<Record<string, unknown>>;
}

/** What happens in a run, from its beginning to its end. @throws FermataError when it may not be watched */
export async function* watchRun(client: Fermata, runId: string): AsyncGenerator<RunEvent> {
  const answer = await client.GET('/api/runs/{id}/events', {
    params: { path: { id: runId } },
    parseAs: 'stream',
  });
  const body = succeeded(answer) as unknown as ReadableStream<Uint8Array> | null;
  let text = '';
  for await (const part of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) yield event;
    }
  }
}

/** A block of Server-Sent Events; null for comments. */
function eventOf(block: string): RunEvent | null {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [name = '', ...value] = line.split(': ');
    fields.set(name, value.join(': '));
  }
  const [id, type, data] = ['id', 'event', 'data'].map((name) => fields.get(name));
  if (id === undefined || type === undefined || data === undefined) return null;
  return { id, type: type as RunEvent['type'], data: JSON.parse(data) as RunEvent['data'] };
}
