import { createHash } from 'node:crypto';
import { TestClient, type Answer, type CallOptions } from './test-client.js';
import { query } from './test-server.js';

/** Texts that must not be found, in every form in which they could hide. */
export class Secrets {
  private readonly forms = new Map<string, string>();

  /** @param name what a finding is called, since the secret itself must not be printed either */
  add(name: string, secret: string): string {
    const bytes = Buffer.from(secret);
    this.forms.set(secret, name);
    this.forms.set(bytes.toString('hex'), `${name} in hex`);
    this.forms.set(bytes.toString('base64').replace(/=+$/, ''), `${name} in base64`);
    return secret;
  }

  /** A session's token, and the hash by which it is stored. */
  addToken(name: string, token: string): void {
    this.add(name, token);
    const hash = createHash('sha256').update(token).digest();
    this.forms.set(hash.toString('hex'), `hash of ${name}`);
    this.forms.set(hash.toString('base64'), `hash of ${name}`);
  }

  /** Names of what a text gives away. */
  foundIn(text: string, { butNot = '' }: { butNot?: string } = {}): string[] {
    const known = [...this.forms].filter(
      ([form, name]) => text.includes(form) && !(butNot !== '' && name.startsWith(butNot)),
    );
    const shapes = SHAPES.filter(({ pattern }) => pattern.test(text));
    return [...new Set([...known.map(([, name]) => name), ...shapes.map(({ name }) => name)])];
  }
}

/** What is stored in place of secrets, which nobody needs to see either. */
const SHAPES = [
  { name: 'a hash of a password', pattern: /\$argon2/ },
  { name: 'an encrypted password', pattern: /v1:[A-Za-z0-9+/]{16}={0,2}:[A-Za-z0-9+/]{20}/ },
];

export interface Sent {
  readonly request: string;
  /** Headers and body. */
  readonly text: string;
}

/** Keeps everything that it is answered. */
export class ListeningClient extends TestClient {
  constructor(
    url: string,
    cookie: string | null,
    private readonly heard: (sent: Sent) => void,
  ) {
    super(url, cookie);
  }

  override async login(username: string, password?: string): Promise<TestClient> {
    const { cookie } = await super.login(username, password);
    return new ListeningClient(this.url, cookie, this.heard);
  }

  override async call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    const answer = await super.call(method, path, options);
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const request = `${method} ${path.split('?', 1)[0] ?? ''}`;
    this.heard({ request, text: `${answer.status}\n${headers}\n\n${answer.text}` });
    return answer;
  }
}

/** Every row of every table, the product's and its queue's, as text: `table: row`. */
export async function allRows(url: string): Promise<string[]> {
  const tables = await query<{ name: string }>(
    url,
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await query<{ row: string }>(
      url,
      `SELECT to_jsonb(t)::text AS row FROM ${name} t`,
    );
    rows.push(...found.map(({ row }) => `${name}: ${row}`));
  }
  return rows;
}
