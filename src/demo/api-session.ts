/** A minimal REST client of this server, as a script would be: one login, then a cookie. For the demo and the bench. */
export class ApiSession {
  private constructor(
    readonly url: string,
    readonly cookie: string,
  ) {}

  /** @throws Error when the login is refused */
  static async login(url: string, username: string, password: string): Promise<ApiSession> {
    const response = await fetch(`${url}/api/sessions`, {
      method: 'POST',
      body: new URLSearchParams({ username, password }),
    });
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (response.status !== 201 || cookie === undefined)
      throw new Error(`login as ${username} was answered with ${response.status}`);
    return new ApiSession(url, cookie);
  }

  /** @returns status, the `response` of the envelope, headers, and the milliseconds it took */
  async call(method: 'GET' | 'POST', path: string): Promise<ApiAnswer> {
    const start = performance.now();
    const response = await fetch(this.url + path, {
      method,
      headers: { cookie: this.cookie },
      ...(method === 'POST' && { body: new URLSearchParams() }),
    });
    const body = (await response.json()) as { response?: Record<string, unknown> };
    const ms = performance.now() - start;
    return { status: response.status, body: body.response ?? {}, headers: response.headers, ms };
  }
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly ms: number;
}
