import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Person } from '../users/person.js';
import { UsersService } from '../users/users.service.js';
import type { LoginDto } from './dto/login.dto.js';
import { badCredentials } from './login-request.js';
import { LoginThrottle } from './login-throttle.js';
import { verifyPassword } from '../users/passwords.js';
import { SessionStore } from './session-store.js';

const DAY_MS = 86_400_000;

export interface OpenedSession {
  readonly token: string;
  readonly person: Person;
}

@Injectable()
export class SessionsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly users: UsersService,
    private readonly store: SessionStore,
    private readonly throttle: LoginThrottle,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.store.deleteExpired();
    this.sweeping = setInterval(
      () => void this.store.deleteExpired().catch(() => undefined),
      DAY_MS,
    ).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweeping);
  }

  /** @throws 401 when name and password do not fit, 429 after too many that did not */
  async logIn({ username, password }: LoginDto, address: string): Promise<OpenedSession> {
    const candidate = await this.users.findForLogin(username);
    const guessed = candidate ?? { username };
    await this.throttle.attempt(guessed, address);
    const fits = await verifyPassword(candidate?.passwordHash ?? null, password);
    if (candidate === null || !fits) throw badCredentials();
    await this.throttle.succeeded(guessed, address);
    const person = await this.users.get(candidate.id);
    const token = await this.store.create(candidate.id, candidate.passwordHash);
    if (token === null) throw badCredentials();
    return { token, person };
  }

  /** The live session among the tokens; asking does not renew it (chorus-api.md 2.3). */
  async current(tokens: readonly string[]): Promise<OpenedSession | null> {
    const live = await this.store.find(tokens, { renew: false });
    const token = live === null ? undefined : tokens[live.credential];
    if (live === null || token === undefined) return null;
    return { token, person: await this.users.get(live.id) };
  }

  async logOut(tokens: readonly string[]): Promise<void> {
    if (tokens.length > 0) await this.store.destroy(tokens);
  }
}
