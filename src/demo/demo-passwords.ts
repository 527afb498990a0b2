import type { Logger } from 'pino';
import { In, IsNull, Not, type DataSource as OrmDataSource } from 'typeorm';
import { SessionStore } from '../auth/session-store.js';
import { StartupError } from '../common/errors/startup-error.js';
import { type AppConfig, DEFAULT_DEMO_PASSWORD } from '../config/app-config.js';
import { hashPassword, verifyPassword } from '../users/passwords.js';
import { User } from '../users/user.entity.js';
import { USERS } from './demo-rows.js';

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;

/**
 * Demo logins that still have the password of the documentation take that of `DEMO_PASSWORD` when it is another, and
 * their sessions end. Otherwise a server that others reach is not started with them, or warns of them when the demo
 * world is wanted. Whether it is or not, it may be there from an earlier start. Passwords that people chose are theirs.
 * @throws StartupError
 */
export async function guardDemoLogins(
  orm: OrmDataSource,
  config: AppConfig,
  logger: Logger,
): Promise<void> {
  const replace = config.demoPassword !== DEFAULT_DEMO_PASSWORD;
  const isOpen = !LOOPBACK.test(config.host) || config.trustProxy !== false;
  // Each look at a password takes as long as a login.
  if (!replace && !isOpen) return;
  const known = await withKnownPassword(orm);
  if (known.length === 0) return;
  const logins = known.map(({ username }) => username).join(', ');
  if (replace) {
    await replacePasswords(orm, config, known);
    logger.info({ message: 'demo logins have the password of DEMO_PASSWORD now', logins });
    return;
  }
  const problem =
    `HOST or TRUST_PROXY opens this server to others, and the demo logins ${logins} have the known password ` +
    `of the documentation: set DEMO_PASSWORD to another one, which replaces it`;
  if (!config.demoData)
    throw new StartupError(`${problem}, or DEMO_DATA=true if this is what you want`);
  logger.warn({ message: problem });
}

async function withKnownPassword(orm: OrmDataSource): Promise<User[]> {
  const users = await orm.getRepository(User).find({
    select: { id: true, username: true, passwordHash: true },
    where: {
      id: In(USERS.map(({ id }) => id)),
      passwordHash: Not(IsNull()),
      deletedAt: IsNull(),
    },
    order: { id: 'ASC' },
  });
  const fits = await Promise.all(
    users.map(({ passwordHash }) => verifyPassword(passwordHash, DEFAULT_DEMO_PASSWORD)),
  );
  return users.filter((_, i) => fits[i]);
}

/** As a change of the password by its owner, who may be at it right now. */
async function replacePasswords(
  orm: OrmDataSource,
  config: AppConfig,
  users: readonly User[],
): Promise<void> {
  const sessions = new SessionStore(orm, config);
  for (const { id, passwordHash: known } of users) {
    const passwordHash = await hashPassword(config.demoPassword);
    await orm.transaction(async (tx) => {
      const { affected } = await tx.update(
        User,
        { id, passwordHash: known ?? '' },
        { passwordHash, updatedAt: () => 'now()' },
      );
      if (affected === 1) await sessions.end(tx, id, null);
    });
  }
}
