import { DataSources } from './data-sources.js';
import { Login } from './login.js';
import { ReferenceSession } from './session.js';
import { Users } from './users.js';
import { Workfiles } from './workfiles.js';
import { Workspaces } from './workspaces.js';

/** The reference client: one session, and its classes over it. */
export class ReferenceClient {
  readonly session: ReferenceSession;
  readonly login: Login;
  readonly users: Users;
  readonly workspaces: Workspaces;
  readonly workfiles: Workfiles;
  readonly dataSources: DataSources;

  constructor(url: string) {
    this.session = new ReferenceSession(url);
    this.login = new Login(this.session);
    this.users = new Users(this.session);
    this.workspaces = new Workspaces(this.session, this.users);
    this.workfiles = new Workfiles(this.session);
    this.dataSources = new DataSources(this.session);
  }

  static async as(url: string, username: string): Promise<ReferenceClient> {
    const client = new ReferenceClient(url);
    await client.login.login(username);
    return client;
  }

  close(): void {
    this.session.close();
  }
}
