import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OpenSessions } from '../access/open-sessions.js';
import { PasswordGuesses } from '../access/password-guesses.js';
import { EnvelopeInterceptor } from '../common/http/envelope.interceptor.js';
import { UsersModule } from '../users/users.module.js';
import { AuthenticationGuard } from './authentication.guard.js';
import { LoginThrottle } from './login-throttle.js';
import { RuleCheck } from './rule-check.js';
import { Session } from './session.entity.js';
import { SessionStore } from './session-store.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

/** Global for the sake of `OpenSessions` and `PasswordGuesses`, which folders before this one depend on. The store is for other transports. */
@Global()
@Module({
  imports: [DiscoveryModule, TypeOrmModule.forFeature([Session]), UsersModule],
  controllers: [SessionsController],
  providers: [
    SessionsService,
    SessionStore,
    { provide: OpenSessions, useExisting: SessionStore },
    LoginThrottle,
    { provide: PasswordGuesses, useExisting: LoginThrottle },
    RuleCheck,
    { provide: APP_GUARD, useClass: AuthenticationGuard },
    { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
  ],
  exports: [OpenSessions, PasswordGuesses, SessionStore],
})
export class AuthModule {}
