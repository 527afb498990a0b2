import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../common/errors/domain-error.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';

const WINDOW_SECONDS = 15 * 60;
// Many people may share an address; one person guessing many names is still slowed down.
const ADDRESS_FACTOR = 10;

/** Slows down guessing: counts failed logins by name and address, and by address. Per process. */
@Injectable()
export class LoginThrottle {
  private readonly byName: RateLimiterMemory;
  private readonly byAddress: RateLimiterMemory;

  constructor(@Inject(APP_CONFIG) { loginAttempts }: AppConfig) {
    this.byName = new RateLimiterMemory({ points: loginAttempts, duration: WINDOW_SECONDS });
    this.byAddress = new RateLimiterMemory({
      points: loginAttempts * ADDRESS_FACTOR,
      duration: WINDOW_SECONDS,
    });
  }

  /** Counts an attempt before the password is looked at, so that parallel guesses count too. @throws 429 */
  async attempt(username: string, address: string): Promise<void> {
    try {
      await this.byAddress.consume(address);
      await this.byName.consume(pair(username, address));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterSeconds = Math.ceil(error.msBeforeNext / 1000);
      const message = `Too many failed logins. Try again in ${retryAfterSeconds} seconds.`;
      throw new DomainError('throttled', { message }, { retryAfterSeconds });
    }
  }

  async succeeded(username: string, address: string): Promise<void> {
    await this.byName.delete(pair(username, address));
    await this.byAddress.reward(address);
  }
}

function pair(username: string, address: string): string {
  return `${address} ${username.toLowerCase()}`;
}
