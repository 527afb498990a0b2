import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { json } from 'node:stream/consumers';

const FORM = 'application/x-www-form-urlencoded';

/** A minimal REST client of this server, as a script would be: one login, then a cookie. For the demo and the bench. */
export class ApiSession {
  private constructor(
    readonly url: string,
    readonly cookie: string,
    private readonly agent: Agent,
  ) {}

  /** @throws Error when the login is refused */
  static async login(url: string, username: string, password: string): Promise<ApiSession> {
    const agent = new Agent({ keepAlive: true });
    const answer = await send(`${url}/api/sessions`, {
      method: 'POST',
      headers: {},
      agent,
      body: new URLSearchParams({ username, password }).toString(),
    });
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0];
    if (answer.status !== 201 || cookie === undefined)
      throw new Error(`login as ${username} was answered with ${answer.status}`);
    return new ApiSession(url, cookie, agent);
  }

  /** Of a server that asks for no login. */
  static anonymous(url: string): ApiSession {
    return new ApiSession(url, '', new Agent({ keepAlive: true }));
  }

  call(method: 'GET' | 'POST', path: string): Promise<ApiAnswer> {
    const { agent, cookie } = this;
    return send(this.url + path, { method, headers: { cookie }, agent, body: '' });
  }
}

export interface ApiAnswer {
  readonly status: number;
  /** `response` of the envelope. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  /** From the request to the end of the answer. */
  readonly ms: number;
}

interface Sending {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly body: string;
}

// Not fetch: its own work of a millisecond would be half of what the bench measures.
function send(url: string, { method, headers, agent, body }: Sending): Promise<ApiAnswer> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const type = method === 'POST' ? { 'content-type': FORM } : {};
    const sent = request(url, { method, agent, headers: { ...headers, ...type } }, (response) => {
      json(response).then((document) => {
        const ms = performance.now() - start;
        const { response: shown = {} } = document as { response?: Record<string, unknown> };
        resolve({ status: response.statusCode ?? 0, body: shown, headers: response.headers, ms });
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
