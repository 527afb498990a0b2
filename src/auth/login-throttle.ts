import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { PasswordGuesses } from '../access/password-guesses.js';
import { DomainError } from '../common/errors/domain-error.js';
import { networkOf } from '../common/http/network.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';

const WINDOW_SECONDS = 15 * 60;
// Many people may share an address; one person guessing many names is still slowed down.
const ADDRESS_FACTOR = 10;

/** Who is to be logged in: whom the name was found to be, or the name that is nobody's. */
export type Guessed = { readonly id: number } | { readonly username: string };

/**
 * Slows down guessing. Counts failed logins by person and network, and by network; wrong old passwords by the user whose
 * session sends them, wherever it does. Per process.
 */
@Injectable()
export class LoginThrottle extends PasswordGuesses {
  private readonly byPerson: RateLimiterMemory;
  private readonly byNetwork: RateLimiterMemory;
  private readonly byUser: RateLimiterMemory;

  constructor(@Inject(APP_CONFIG) { loginAttempts }: AppConfig) {
    super();
    const allowed = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
    this.byPerson = allowed(loginAttempts);
    this.byNetwork = allowed(loginAttempts * ADDRESS_FACTOR);
    this.byUser = allowed(loginAttempts);
  }

  /** Counts an attempt before the password is looked at, so that parallel guesses count too. @throws 429 */
  async attempt(guessed: Guessed, address: string): Promise<void> {
    await consume('failed logins', async () => {
      await this.byNetwork.consume(networkOf(address));
      await this.byPerson.consume(pair(guessed, address));
    });
  }

  async succeeded(guessed: Guessed, address: string): Promise<void> {
    await this.byPerson.delete(pair(guessed, address));
    await this.byNetwork.reward(networkOf(address));
  }

  async compare(userId: number, isRight: () => Promise<boolean>): Promise<boolean> {
    await consume('wrong passwords', () => this.byUser.consume(userId));
    if (!(await isRight())) return false;
    await this.byUser.delete(userId);
    return true;
  }
}

/** @throws DomainError `throttled` */
async function consume(what: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const retryAfterSeconds = Math.ceil(error.msBeforeNext / 1000);
    const message = `Too many ${what}. Try again in ${retryAfterSeconds} seconds.`;
    throw new DomainError('throttled', { message }, { retryAfterSeconds });
  }
}

/** The database folds names otherwise than we do: `İ` is an `i` to it. So who was found is counted by what cannot be varied. */
function pair(guessed: Guessed, address: string): string {
  const who = 'id' in guessed ? `id ${guessed.id}` : `name ${guessed.username.toLowerCase()}`;
  return `${networkOf(address)} ${who}`;
}
