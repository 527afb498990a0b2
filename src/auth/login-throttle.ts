import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { PasswordGuesses } from '../access/password-guesses.js';
import { DomainError } from '../common/errors/domain-error.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';

const WINDOW_SECONDS = 15 * 60;
// Many people may share an address; one person guessing many names is still slowed down.
const ADDRESS_FACTOR = 10;

/**
 * Slows down guessing. Counts failed logins by name and address, and by address; wrong old passwords by the user whose
 * session sends them, wherever it does. Per process.
 */
@Injectable()
export class LoginThrottle extends PasswordGuesses {
  private readonly byName: RateLimiterMemory;
  private readonly byAddress: RateLimiterMemory;
  private readonly byUser: RateLimiterMemory;

  constructor(@Inject(APP_CONFIG) { loginAttempts }: AppConfig) {
    super();
    const allowed = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
    this.byName = allowed(loginAttempts);
    this.byAddress = allowed(loginAttempts * ADDRESS_FACTOR);
    this.byUser = allowed(loginAttempts);
  }

  /** Counts an attempt before the password is looked at, so that parallel guesses count too. @throws 429 */
  async attempt(username: string, address: string): Promise<void> {
    await consume('failed logins', async () => {
      await this.byAddress.consume(address);
      await this.byName.consume(pair(username, address));
    });
  }

  async succeeded(username: string, address: string): Promise<void> {
    await this.byName.delete(pair(username, address));
    await this.byAddress.reward(address);
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

function pair(username: string, address: string): string {
  return `${address} ${username.toLowerCase()}`;
}
