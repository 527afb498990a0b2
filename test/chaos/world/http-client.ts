import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** Keeps connections alive: opening one costs more than most requests here. */
export class HttpClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });

  /** @throws Error without an answer */
  send({ method, url, headers, body = '', timeoutMs }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { agent } = this;
      const signal = AbortSignal.timeout(timeoutMs);
      const sent = request(url, { method, agent, headers, signal }, (response) => {
        text(response).then((content) => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: content,
          });
        }, reject);
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
