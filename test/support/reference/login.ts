import { FORM_TYPE, JSON_TYPE, type ReferenceSession } from './session.js';

/** Sessions and what the server is, as the reference client asks for them (client-expectations.md 1). */
export class Login {
  constructor(private readonly session: ReferenceSession) {}

  /** @returns `response.user` @throws LoginFailureException with the status */
  async login(username: string, password = 'secret'): Promise<any> {
    this.session.token = null;
    const reply = await this.session.call('POST', '/api/sessions', {
      type: FORM_TYPE,
      form: { username, password },
    });
    if (reply.status !== 201) throw new Error(`LoginFailureException: ${reply.status}`);
    const { response } = reply.json();
    this.session.token = response.session_id as string;
    return response.user;
  }

  async logout() {
    return this.session.call('DELETE', '/api/sessions', { type: FORM_TYPE });
  }

  /** @returns `{}` whatever goes wrong */
  async getStatus(): Promise<any> {
    const reply = await this.session.call('GET', '/api/sessions', { bare: true });
    try {
      return reply.json().response.user;
    } catch {
      return {};
    }
  }

  async getVersion(): Promise<string> {
    return (await this.session.call('GET', '/api/VERSION', { bare: true })).text.trim();
  }

  async getLicense(): Promise<any> {
    const reply = await this.session.call('GET', '/api/license', { type: JSON_TYPE, bare: true });
    try {
      return reply.json().response;
    } catch {
      return {};
    }
  }
}
