import { describe, expect, it } from '@jest/globals';
import type { Viewer } from '../access/viewer.js';
import { canEdit, canSee, permissionsOf, type WorkspaceStanding } from './workspace-access.js';

const OWNER = 1;
const viewer = (overrides: Partial<Viewer>): Viewer => ({
  id: 2,
  username: 'somebody',
  isAdmin: false,
  userType: 'collaborator',
  ...overrides,
});
const workspace = (overrides: Partial<WorkspaceStanding>): WorkspaceStanding => ({
  ownerId: OWNER,
  isMember: false,
  public: true,
  archived: false,
  ...overrides,
});

const actors: Record<string, [Viewer, Partial<WorkspaceStanding>]> = {
  SA: [viewer({ isAdmin: true }), { public: false }],
  WO: [viewer({ id: OWNER }), { isMember: true, public: false }],
  WM: [viewer({}), { isMember: true, public: false }],
  PV: [viewer({}), {}],
  XX: [viewer({}), { public: false }],
};

describe('rules see and edit (chorus-api.md 4.2)', () => {
  it.each([
    // actor, see, edit, edit while archived
    ['SA', true, true, true],
    ['WO', true, true, false],
    ['WM', true, true, false],
    ['PV', true, false, false],
    ['XX', false, false, false],
  ])('%s: see %s, edit %s, edit while archived %s', (actor, see, edit, editArchived) => {
    const [who, where] = actors[actor]!;
    expect(canSee(who, workspace(where))).toBe(see);
    expect(canEdit(who, workspace(where))).toBe(edit);
    expect(canSee(who, workspace({ ...where, archived: true }))).toBe(see);
    expect(canEdit(who, workspace({ ...where, archived: true }))).toBe(editArchived);
  });
});

describe('permission list (chorus-api.md 4.4, entities.md 12)', () => {
  const member = ['read', 'commenting', 'update', 'duplicate_chorus_view'];
  it.each([
    [
      'owner, developer',
      viewer({ id: OWNER, userType: 'analytics_developer' }),
      true,
      true,
      ['admin', 'create_workflow'],
    ],
    ['member, collaborator', viewer({}), true, true, member],
    [
      'member, analyst',
      viewer({ userType: 'data_analyst' }),
      true,
      true,
      [...member, 'create_workflow'],
    ],
    ['member, business user', viewer({ userType: 'business_user' }), true, false, member],
    [
      'administrator, developer, no member',
      viewer({ isAdmin: true, userType: 'analytics_developer' }),
      false,
      true,
      ['admin'],
    ],
    [
      'administrator, analyst, member',
      viewer({ isAdmin: true, userType: 'data_analyst' }),
      true,
      true,
      ['admin', 'create_workflow'],
    ],
    [
      'stranger on public',
      viewer({ userType: 'analytics_developer' }),
      false,
      true,
      ['read', 'commenting'],
    ],
    ['stranger on private', viewer({}), false, false, []],
  ])('%s', (_who, who, isMember, isPublic, expected) => {
    expect(permissionsOf(who, workspace({ isMember, public: isPublic }))).toEqual(expected);
  });
});
