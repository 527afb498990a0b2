import { request } from 'node:http';

type Fields = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The whole JSON body; null when there is none. */
  readonly json: any;
  /** `response` of the envelope. */
  readonly response: any;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | FormData | URLSearchParams;
}

/** Speaks HTTP as documented clients do. */
export class TestClient {
  constructor(
    readonly url: string,
    readonly cookie: string | null = null,
  ) {}

  /** The token in the cookie. */
  get token(): string {
    return this.cookie?.split('=')[1] ?? '';
  }

  async login(username: string, password = 'secret'): Promise<TestClient> {
    const answer = await this.post('/api/sessions', { username, password });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (answer.status !== 201 || cookie === undefined)
      throw new Error(`login as ${username} was answered with ${answer.status}: ${answer.text}`);
    return new TestClient(this.url, cookie);
  }

  get(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call('GET', path, options);
  }

  /** An urlencoded body, empty unless fields are given. */
  post(path: string, fields: Fields = {}, options: CallOptions = {}): Promise<Answer> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) body.append(name, String(value));
    return this.call('POST', path, { body, ...options });
  }

  /** A JSON body, as the reference client sends it. */
  json(method: string, path: string, body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.call(method, path, { headers, body: JSON.stringify(body) });
  }

  delete(path: string, options: CallOptions = {}): Promise<Answer> {
    return this.call('DELETE', path, options);
  }

  async call(method: string, path: string, { headers, body }: CallOptions = {}): Promise<Answer> {
    const send = method === 'GET' && typeof body === 'string' ? getWithBody : fetch;
    const response = await send(this.url + path, {
      method,
      headers: { ...(this.cookie !== null && { cookie: this.cookie }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    // The engine's API calls its plain texts JSON too.
    const isJson =
      response.headers.get('content-type')?.startsWith('application/json') === true &&
      /^["{[]/.test(text);
    const json: unknown = isJson ? JSON.parse(text) : null;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json,
      response: (json as { response?: unknown } | null)?.response,
    };
  }
}

/** `fetch` refuses to send what the reference client sends: the parameters of a list as the body of a GET. */
function getWithBody(url: string, { headers, body }: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body as string)) };
    const sent = request(url, {
      method: 'GET',
      headers: { ...(headers as Record<string, string>), ...length },
    });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const init = {
          status: answer.statusCode ?? 0,
          headers: Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
            values.map((value): [string, string] => [name, value]),
          ),
        };
        resolve(new Response(Buffer.concat(chunks), init));
      });
    });
    sent.end(body as string);
  });
}
