import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Ip,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { NotAuthenticated } from '../common/errors/domain-error.js';
import { ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { UserSerializer } from '../users/user.serializer.js';
import { credentialsOf } from './credentials.js';
import { LoginDto } from './dto/login.dto.js';
import { LogoutDto, SessionDto } from './dto/session.dto.js';
import { readLogin } from './login-request.js';
import { Rule } from '../access/rule.decorator.js';
import { setSessionCookie } from './session-cookie.js';
import { type OpenedSession, SessionsService } from './sessions.service.js';

/** Log in, look, log out (chorus-api.md 6). None of the three needs or renews a session. */
@ApiTags('sessions')
@Rule('anyone')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly users: UserSerializer,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    operationId: 'logIn',
    summary: 'Log in',
    description:
      'Sets the cookie `_session_id`. Name and password may also come inside `session[…]`.',
  })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data')
  @ApiBody({ type: LoginDto })
  @ApiEnvelope(201, SessionDto)
  @ApiResponse({
    status: 401,
    description: 'Name and password do not fit',
    schema: { $ref: '#/components/schemas/InvalidError' },
  })
  @ApiErrors(403, 429)
  async logIn(
    @Body() body: unknown,
    @Ip() address: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionDto> {
    const session = await this.sessions.logIn(readLogin(body), address);
    setSessionCookie(reply, session.token, this.config);
    // Only here is the user printed without `complete_json` (client-expectations.md 1).
    const { complete_json: _, ...user } = this.users.full(session.person);
    return { session_id: session.token, user, complete_json: true };
  }

  @Get()
  @ApiOperation({
    operationId: 'showSession',
    summary: 'Show your session',
    description: 'Does not renew it.',
  })
  @ApiEnvelope(200, SessionDto)
  @ApiErrors(401)
  async show(@Req() request: FastifyRequest): Promise<SessionDto> {
    const session = await this.sessions.current(tokensOf(request));
    if (session === null) throw new NotAuthenticated();
    return this.present(session);
  }

  @Delete()
  @HttpCode(200)
  @Bare()
  @ApiOperation({
    operationId: 'logOut',
    summary: 'Log out',
    description: 'Also when nobody is logged in.',
  })
  @ApiResponse({ status: 200, type: LogoutDto, description: 'Done' })
  @ApiErrors(403)
  async logOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogoutDto> {
    await this.sessions.logOut(tokensOf(request));
    setSessionCookie(reply, '', this.config);
    // Nothing here checks it (architecture.md D11); clients expect one to be there.
    return { csrf_token: randomBytes(32).toString('base64') };
  }

  private present({ token, person }: OpenedSession): SessionDto {
    return { session_id: token, user: this.users.full(person), complete_json: true };
  }
}

function tokensOf(request: FastifyRequest): string[] {
  return credentialsOf(request).map(({ token }) => token);
}
