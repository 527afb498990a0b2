import type { FormFile } from '../forms.js';
import { clientBytes } from '../forms.js';
import { pythonForm, pythonJson } from './python.js';
import { Wire, type WireAnswer } from './wire.js';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

export interface Request {
  /** Changes the type that the session goes on sending; null: sends none from here on. */
  readonly type?: string | null;
  /** Appended to the address, after `session_id` where there is one. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Written as Python's `json.dumps` does. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, unknown>>;
  readonly multipart?: readonly (readonly [name: string, value: string | number | FormFile])[];
  /** The calls that carry no `session_id`. */
  readonly bare?: boolean;
}

export interface Reply extends WireAnswer {
  /** Decoded before anything else is looked at. @throws Error when it is no JSON, as the client's decoder does */
  json(): any;
}

/**
 * What the reference client sends through its HTTP library, byte for byte (client-expectations.md 0): a session whose
 * headers stay from one call to the next, cookies, and the token as the first parameter.
 */
export class ReferenceSession {
  /** Of the latest login; sent as `session_id`. */
  token: string | null = null;
  private type: string | null = null;
  private xToken: string | null = null;
  private readonly cookies = new Map<string, string>();
  private wire: Wire | null = null;

  constructor(readonly url: string) {}

  /** As the first run of a workflow or job does; it is never taken back. */
  sendTokenHeaderFromNowOn(): void {
    this.xToken = this.token;
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  async call(method: string, path: string, request: Request = {}): Promise<Reply> {
    if (request.type !== undefined) this.type = request.type;
    const { type, body } = bodyOf(request);
    const head = [
      `${method} ${this.addressOf(path, request)} HTTP/1.1`,
      `Host: ${new URL(this.url).host}`,
      'User-Agent: python-requests/2.34.0',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
      ...(this.type !== null && type === null ? [`Content-Type: ${this.type}`] : []),
      ...(this.xToken !== null ? [`x-token: ${this.xToken}`] : []),
      ...(this.cookies.size > 0 ? [`Cookie: ${this.cookieHeader()}`] : []),
      ...(body.length > 0 || method !== 'GET' ? [`Content-Length: ${body.length}`] : []),
      ...(type !== null ? [`Content-Type: ${type}`] : []),
    ];
    this.wire ??= await Wire.to(this.url);
    // The library writes head and body one after the other.
    const answer = await this.wire.send(
      `${head.join('\r\n')}\r\n\r\n`,
      ...(body.length > 0 ? [body] : []),
    );
    this.keepCookies(answer);
    return { ...answer, json: () => JSON.parse(answer.text) as unknown };
  }

  close(): void {
    this.wire?.close();
    this.wire = null;
  }

  private addressOf(path: string, { bare = false, parameters = {} }: Request): string {
    const more = pythonForm(parameters);
    const token = bare ? '' : `session_id=${this.token ?? 'NULL'}`;
    const query = [token, more].filter((one) => one !== '').join('&');
    return path + (query && `${path.includes('?') ? '&' : '?'}${query}`);
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** As a cookie jar does: what is empty and has no time to live is forgotten. */
  private keepCookies({ headers }: WireAnswer): void {
    for (const [header, line] of headers) {
      if (header.toLowerCase() !== 'set-cookie') continue;
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; *max-age=0(;|$)/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** The type of a multipart body is the body's own, and comes last. */
function bodyOf({ json, form, multipart }: Request): { type: string | null; body: Buffer } {
  if (multipart !== undefined) {
    const { headers, body } = clientBytes(multipart);
    return { type: headers['content-type'], body };
  }
  const text = json !== undefined ? pythonJson(json) : form !== undefined ? pythonForm(form) : '';
  return { type: null, body: Buffer.from(text) };
}

/** The whole of a list, asked for page by page until `total` is the page that was answered. */
export async function allPages(ask: (page: number) => Promise<Reply>): Promise<any[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= 200; page += 1) {
    const { response, pagination } = (await ask(page)).json();
    all.push(...(response as unknown[]));
    if (pagination.total === pagination.page) return all;
  }
  throw new Error('the client would ask for ever');
}

/** The record, or the exception that the client makes of an answer without one. */
export function found(reply: Reply, exception: string): any {
  const { response } = reply.json();
  if (response === undefined || response === null || Object.keys(response as object).length === 0)
    throw new Error(`${exception}: ${reply.status}`);
  return response;
}
