import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { paths } from './schema.js';

/** One function a method; paths, parameters, bodies and answers are typed by what the server documents. */
export type Fermata = Client<paths>;

export interface Place {
  /** Where the server is, e.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Instead of the platform's own. */
  readonly fetch?: NonNullable<ClientOptions['fetch']>;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** An answer that is no success. `body` is what the document has for the status. */
export class FermataError<Body = unknown> extends Error {
  constructor(
    readonly status: number,
    readonly body: Body,
  ) {
    super(`the server answered ${status}: ${JSON.stringify(body)}`);
    this.name = 'FermataError';
  }
}

/** A client of a session that there is already. @param sessionId null: only what anybody may call */
export function fermata({ baseUrl, fetch }: Place, sessionId: string | null): Fermata {
  return createClient<paths>({
    baseUrl,
    ...(fetch && { fetch }),
    headers: { ...(sessionId !== null && { 'x-token': sessionId }) },
  });
}

/** Logs in. @throws FermataError 401 when name and password do not fit, 429 after too many of them */
export async function logIn(place: Place, { username, password }: Login): Promise<Fermata> {
  const anonymous = fermata(place, null);
  const answer = await anonymous.POST('/api/sessions', { body: { username, password } });
  return fermata(place, succeeded(answer).response.session_id);
}

/** The body of a success. @throws FermataError with that of anything else */
export function succeeded<Data>(answer: {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}): Data {
  if (!answer.response.ok) throw new FermataError(answer.response.status, answer.error);
  return answer.data as Data;
}
