import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { OpenSessions } from '../access/open-sessions.js';
import { type Prepared, queryPrepared } from '../common/sql/prepared.js';
import { inOrder, LANES, Together } from '../common/together.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import type { Viewer } from '../access/viewer.js';

const TOKEN_BYTES = 20;
const RENEW_AFTER_MINUTES = 5;

/** A live session among the tokens asked for. */
export interface LiveSession extends Viewer {
  /** Which of the tokens: index from 0. */
  readonly credential: number;
}

const IS_ADMIN = `u.site_admin OR EXISTS (SELECT FROM user_roles r WHERE r.user_id = u.id AND r.role = 'admin')`;
const LIVE_USER = 'u.id = s.user_id AND u.deleted_at IS NULL AND u.deactivated_at IS NULL';

// $1 which request, $2 which of its tokens, $3 the token's hash, $4 minutes of idleness: the best token of each request.
const LIVE = `SELECT DISTINCT ON (t.place) t.place, t.credential, s.id AS session_id, u.id, u.username,
    u.user_type AS "userType", s.updated_at,
    ${IS_ADMIN} AS "isAdmin"
  FROM unnest($1::int[], $2::int[], $3::bytea[]) AS t (place, credential, hash)
  JOIN sessions s ON s.token_hash = t.hash
  JOIN users u ON ${LIVE_USER}
  WHERE s.updated_at > now() - make_interval(mins => $4)
  ORDER BY t.place, t.credential`;
const FOUND = 'place, credential, id, username, "userType", "isAdmin", session_id AS "sessionId"';
// One statement authenticates and renews; the update touches nothing more often than every five minutes.
const AUTHENTICATE = {
  name: 'authenticate',
  text: `WITH live AS (${LIVE}), renewed AS (
      UPDATE sessions SET updated_at = now() FROM live
      WHERE sessions.id = live.session_id AND live.updated_at < now() - interval '${RENEW_AFTER_MINUTES} minutes'
    )
    SELECT ${FOUND} FROM live`,
};
// $1 the session, $2 minutes of idleness.
const VIEWER = {
  name: 'viewer-of-session',
  text: `SELECT u.id, u.username, u.user_type AS "userType", ${IS_ADMIN} AS "isAdmin", s.id AS "sessionId"
    FROM sessions s JOIN users u ON ${LIVE_USER}
    WHERE s.id = $1 AND s.updated_at > now() - make_interval(mins => $2)`,
};
const LOOK_UP = { name: 'look-up-session', text: `SELECT ${FOUND} FROM (${LIVE}) live` };

type LiveRow = LiveSession & { readonly place: number };

/** Sessions as rows: random tokens, stored hashed, ended by idleness (architecture.md D11). */
@Injectable()
export class SessionStore extends OpenSessions {
  private readonly authentications = this.together(AUTHENTICATE);
  private readonly lookUps = this.together(LOOK_UP);

  constructor(
    private readonly orm: OrmDataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super();
  }

  /** The first of the tokens that belongs to a live session of a live user; null when none does. */
  async find(
    tokens: readonly string[],
    { renew }: { renew: boolean },
  ): Promise<LiveSession | null> {
    if (tokens.length === 0) return null;
    return (renew ? this.authentications : this.lookUps).ask(tokens);
  }

  /** Many requests at once are a few statements. */
  private together(statement: Prepared): Together<readonly string[], LiveSession | null> {
    return new Together((requests) => this.findAll(statement, requests), LANES);
  }

  private async findAll(
    statement: Prepared,
    requests: readonly (readonly string[])[],
  ): Promise<(LiveSession | null)[]> {
    const asked = requests.flatMap((tokens, place) =>
      tokens.map((token, credential) => ({ place, credential, hash: hashOf(token) })),
    );
    const rows = await queryPrepared<LiveRow>(this.orm, statement, [
      asked.map(({ place }) => place),
      asked.map(({ credential }) => credential),
      asked.map(({ hash }) => hash),
      this.config.sessionTimeoutMinutes,
    ]);
    return inOrder(requests, rows);
  }

  /**
   * @param passwordHash what the password was compared with: whoever changes it at this moment ends this session too
   * @returns the token: 40 hexadecimal digits, never to be seen again; null when the password was changed meanwhile
   */
  async create(userId: number, passwordHash: string | null): Promise<string | null> {
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    const created = await this.orm.query<unknown[]>(
      `WITH owner AS (SELECT id FROM users WHERE id = $2 AND password_hash = $3 AND deleted_at IS NULL FOR SHARE)
       INSERT INTO sessions (token_hash, user_id) SELECT $1, id FROM owner RETURNING id`,
      [hashOf(token), userId, passwordHash],
    );
    return created.length > 0 ? token : null;
  }

  async destroy(tokens: readonly string[]): Promise<void> {
    await this.orm.query('DELETE FROM sessions WHERE token_hash = ANY ($1::bytea[])', [
      tokens.map(hashOf),
    ]);
  }

  async viewerOf(sessionId: number): Promise<Viewer | null> {
    const values = [sessionId, this.config.sessionTimeoutMinutes];
    const [viewer] = await queryPrepared<Viewer & Record<string, unknown>>(
      this.orm,
      VIEWER,
      values,
    );
    return viewer ?? null;
  }

  async end(tx: EntityManager, userId: number, kept: number | null): Promise<void> {
    await tx.query('DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2', [
      userId,
      kept,
    ]);
  }

  async deleteExpired(): Promise<void> {
    await this.orm.query(
      'DELETE FROM sessions WHERE updated_at <= now() - make_interval(mins => $1)',
      [this.config.sessionTimeoutMinutes],
    );
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
