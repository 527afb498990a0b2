import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DomainError, NotAuthenticated } from '../common/errors/domain-error.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { credentialsOf, SESSION_COOKIE } from './credentials.js';
import { isCrossSiteWrite } from './cross-site.js';
import { RULE, type RuleName } from '../access/rule.decorator.js';
import { SessionStore } from './session-store.js';

/** Every route needs a live session unless its rule says otherwise; one without a rule is refused. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionStore,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<RuleName | undefined>(RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (rule === undefined) throw new DomainError('denied', null, { message: 'no access rule' });
    if (rule === 'anyone') {
      // A page elsewhere must not log somebody in or out either.
      this.refuseCrossSite(request);
      return true;
    }
    const credentials = credentialsOf(request);
    const session = await this.sessions.find(
      credentials.map(({ token }) => token),
      { renew: true },
    );
    const used = session === null ? undefined : credentials[session.credential];
    request.cookieRefused =
      credentials[0]?.source !== 'parameter' &&
      request.cookies[SESSION_COOKIE] !== undefined &&
      used?.source !== 'cookie';
    if (session === null) throw new NotAuthenticated();
    if (used?.source === 'cookie') this.refuseCrossSite(request);
    if (rule === 'administrator' && !session.isAdmin) throw new DomainError('denied', null);
    request.viewer = session;
    return true;
  }

  private refuseCrossSite(request: FastifyRequest): void {
    if (isCrossSiteWrite(request, this.config.allowedOrigins))
      throw new DomainError('denied', null, { message: 'cross-site write' });
  }
}
