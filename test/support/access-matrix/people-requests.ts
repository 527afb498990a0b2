import { randomUUID } from 'node:crypto';
import { json, multipart } from '../forms.js';
import type { TestClient } from '../test-client.js';
import { picturePath } from './run-requests.js';
import type { Asked, Column, Request } from './walk.js';
import type { World } from './world.js';
import { PIXEL } from './workspace-requests.js';

export interface Person {
  /** It is about the one who asks. */
  readonly oneself: boolean;
}

export const PEOPLE_COLUMNS: Readonly<Record<string, Column<Person>>> = {
  nobody: { actor: 'nobody', place: { oneself: false } },
  expired: { actor: 'expired', place: { oneself: false } },
  other: { actor: 'outsider', place: { oneself: false } },
  self: { actor: 'member', place: { oneself: true } },
  admin: { actor: 'admin', place: { oneself: false } },
};

/** Routes that nobody needs to know anything for. */
const PLAIN = [
  ...['GET /api/sessions', 'GET /api/VERSION', 'GET /api/status', 'GET /api/license'],
  ...['GET /api/config', 'GET /api/users', 'GET /api/workspaces', 'GET /api/runs'],
  ...['GET /api/stops', 'GET /docs', 'GET /docs-json', 'GET /docs-yaml', 'GET /health/live'],
  ...['GET /health/ready', 'GET /images/general/default-user.png'],
];

export function peopleRequests(world: World): Readonly<Record<string, Request<Person>>> {
  /** Somebody new, with a picture. */
  const somebody = async (isAdmin = false): Promise<{ id: number; username: string }> => {
    const user = await world.one<{ id: number; username: string }>(
      `INSERT INTO users (username, password_hash, first_name, last_name, email, user_type)
       SELECT $1, password_hash, 'Some', 'Body', 'some@example.com', 'business_user' FROM users WHERE username = 'member'
       RETURNING id, username`,
      [randomUUID()],
    );
    if (isAdmin)
      await world.one(`INSERT INTO user_roles (user_id, role) VALUES ($1, 'admin')`, [user.id]);
    await world.picture('user_id', user.id);
    return user;
  };
  const loggedIn = (username: string): Promise<TestClient> => world.app.as(username);
  /** About a user: the one who asks, or another. */
  const user =
    (asked: Asked = {}) =>
    async ({ place }: Column<Person>): Promise<Asked> => {
      const { id, username } = await somebody();
      const client = place.oneself ? { client: await loggedIn(username) } : {};
      return { path: { id, ...picturePath(id) }, ...client, ...asked };
    };
  const image = multipart([['files[]', { name: 'a.png', contents: PIXEL }]]);

  return {
    ...Object.fromEntries(PLAIN.map((key) => [key, () => ({})])),
    'POST /api/sessions': () => json({ username: 'outsider', password: 'secret' }),
    'DELETE /api/sessions': async ({ actor }) => {
      if (actor === 'nobody' || actor === 'expired') return {};
      return { client: await loggedIn((await somebody()).username) };
    },
    'POST /api/users': () =>
      json({
        ...{ username: randomUUID(), password: 'secret', first_name: 'New', last_name: 'One' },
        ...{ email: 'new@example.com', user_type: 'business_user' },
      }),
    'GET /api/users/ldap': () => ({ query: '?username=somebody' }),
    'GET /api/users/{id}': user(),
    'PUT /api/users/{id}': user(json({ first_name: 'Changed' })),
    'DELETE /api/users/{id}': user(),
    'DELETE /api/users/{id} # oneself': async ({ actor }) => {
      const { id, username } = await somebody(actor === 'admin');
      return { path: { id }, client: await loggedIn(username) };
    },
    'GET /api/users/{id}/image': user(),
    'POST /api/users/{id}/image': user({ body: image }),
    'POST /api/workspaces': () => json({ name: randomUUID() }),
    'POST /api/runs/stop': () => json({ all: true }),
    'GET /paperclip/users/images/{a}/{b}/{c}/{style}/{fileName}': user(),
  };
}
