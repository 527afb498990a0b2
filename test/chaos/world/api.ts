import type { Said } from '../history/event.js';
import type { History } from '../history/history.js';
import type { HttpAnswer, HttpClient } from './http-client.js';

const TIMEOUT_MS = 20_000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

type What = 'run' | 'stop' | 'stop many' | 'show workfile' | 'show run';
type Fields = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly http: number;
  readonly says: Said | null;
  readonly run: string | null;
  /** `response` of the envelope. */
  readonly body: any;
  /** Milliseconds of the history's clock. */
  readonly askedAt: number;
  readonly at: number;
}

interface Question {
  readonly what: What;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly workfile?: number;
  readonly run?: string;
  readonly fields?: Fields;
}

/** The product's HTTP API of one process, as a person uses it; every request and answer goes into the history. */
export class Api {
  private cookie = '';

  constructor(
    readonly url: string,
    private readonly http: HttpClient,
    private readonly history: History,
  ) {}

  /** A session is good on every process. */
  async login(username: string): Promise<string> {
    const body = new URLSearchParams({ username, password: 'secret' }).toString();
    const url = `${this.url}/api/sessions`;
    const method = 'POST';
    const answer = await this.http.send({ method, url, headers: FORM, body, timeoutMs: 30_000 });
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0];
    if (cookie === undefined) throw new Error(`login: ${answer.status} ${answer.text}`);
    return cookie;
  }

  /** @param cookie of a login anywhere */
  use(cookie: string): this {
    this.cookie = cookie;
    return this;
  }

  /** So many connections are open after this, for requests to come. */
  async openConnections(count: number): Promise<void> {
    const request = { method: 'GET', url: `${this.url}/api/health/live`, headers: {} } as const;
    await Promise.all(
      Array.from({ length: count }, () => this.http.send({ ...request, timeoutMs: TIMEOUT_MS })),
    );
  }

  run(workfile: number): Promise<ApiAnswer | null> {
    const path = `/api/workfiles/${workfile}/run`;
    return this.ask({ what: 'run', method: 'POST', path, workfile });
  }

  stop(workfile: number, fields: Fields = {}): Promise<ApiAnswer | null> {
    const path = `/api/workfiles/${workfile}/stop`;
    return this.ask({ what: 'stop', method: 'POST', path, workfile, fields });
  }

  show(workfile: number): Promise<ApiAnswer | null> {
    return this.ask({
      what: 'show workfile',
      method: 'GET',
      path: `/api/workfiles/${workfile}`,
      workfile,
    });
  }

  showRun(run: string): Promise<ApiAnswer | null> {
    return this.ask({ what: 'show run', method: 'GET', path: `/api/runs/${run}`, run });
  }

  /** Each run's part of the answer is recorded as an answer of its own. */
  async stopMany(runs: readonly string[]): Promise<ApiAnswer | null> {
    const fields = { ids: runs.join(',') };
    const path = '/api/runs/stop';
    const answer = await this.ask({ what: 'stop many', method: 'POST', path, fields });
    if (!Array.isArray(answer?.body)) return answer;
    for (const { run_id: run, workfile_id: workfile, status } of answer.body) {
      const call = this.history.nextCall();
      this.history.record({ kind: 'asked', call, what: 'show run', workfile, run });
      this.history.record({ kind: 'answered', call, http: answer.http, says: status, run });
    }
    return answer;
  }

  private async ask(question: Question): Promise<ApiAnswer | null> {
    const { what, method, path, workfile = null, run = null, fields = {} } = question;
    const call = this.history.nextCall();
    const asked = this.history.record({ kind: 'asked', call, what, workfile, run });
    let answer: HttpAnswer;
    try {
      answer = await this.http.send({
        method,
        url: this.url + path,
        headers: { cookie: this.cookie, ...(method === 'POST' && FORM) },
        body: new URLSearchParams(fields).toString(),
        timeoutMs: TIMEOUT_MS,
      });
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      this.history.record({ kind: 'unanswered', call, error: code ?? message });
      return null;
    }
    const body = bodyOf(answer);
    const told = {
      http: answer.status,
      says: typeof body?.status === 'string' ? (body.status as Said) : null,
      run: run ?? answer.headers.location?.split('/').at(-1) ?? null,
    };
    const { at } = this.history.record({ kind: 'answered', call, ...told });
    return { ...told, body, askedAt: asked.at, at };
  }
}

function bodyOf({ text }: HttpAnswer): any {
  try {
    return (JSON.parse(text) as { response?: unknown }).response;
  } catch {
    return undefined;
  }
}
