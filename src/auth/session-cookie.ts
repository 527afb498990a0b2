import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppConfig } from '../config/app-config.js';
import { SESSION_COOKIE } from './credentials.js';

/** Sets the session cookie; an empty token empties it. */
export function setSessionCookie(
  reply: FastifyReply,
  token: string,
  { cookieSecure }: Pick<AppConfig, 'cookieSecure'>,
): void {
  void reply.setCookie(SESSION_COOKIE, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: cookieSecure,
    ...(token === '' && { maxAge: 0 }),
  });
}

/**
 * Every answer carries the cookie (chorus-api.md 1.5). Only a login sets a new one: a token that came as parameter or
 * header is not turned into a cookie, or a link could log a browser in as somebody else.
 */
export function repeatSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  config: Pick<AppConfig, 'cookieSecure'>,
): void {
  if (reply.hasHeader('set-cookie')) return;
  const presented = request.cookies[SESSION_COOKIE] ?? '';
  const refused = presented !== '' && request.cookieRefused === true;
  setSessionCookie(reply, refused ? '' : presented, config);
}
