import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const RULE = 'fermata:rule';

/**
 * Who may call a route, in the contract's words (chorus-api.md 4.2, 4.3). `anyone`, `logged in` and `administrator` are
 * enforced by the authentication guard; the others need the object and are enforced by the service that loads it, so that
 * every transport passes the same check. All of them refuse by default.
 */
export const RULES = {
  anyone: 'Everybody, logged in or not.',
  'logged in': 'Every logged-in user; what they may not see is left out.',
  administrator: 'Site administrators.',
  self: 'The user themself; site administrators.',
  see: 'Everybody when the workspace is public; else its owner and members; site administrators.',
  edit: 'Owner and members of the workspace while it is not archived; site administrators.',
  'update workspace':
    'The owner of the workspace; its members for name and summary while it is not archived; site administrators.',
  'manage members':
    'The owner of the workspace; its members with the role Project Manager while it is not archived; site administrators.',
  'manage workspace': 'The owner of the workspace; site administrators.',
  explore:
    'Owner of the data source, users with an account on it, everybody when it is shared; site administrators.',
  'manage data source': 'The owner of the data source; site administrators.',
  'own account':
    'Every logged-in user for an unshared data source; its owner and site administrators for a shared one.',
  'edit and account':
    'Rule edit of the workspace, and an account on the data source that the statement runs in.',
} as const;

export type RuleName = keyof typeof RULES;

/** Every route has one; the application does not start when a route lacks it. */
export const Rule = (name: RuleName): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(RULE, name), ApiExtension('x-rule', name));
