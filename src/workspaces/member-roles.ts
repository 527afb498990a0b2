/** Roles of the members of a workspace (chorus-api.md 8.6); what they allow is in `workspace-access.ts`. */
export const MEMBER_ROLES = [
  'Project Member',
  'Business Owner',
  'Business Analyst',
  'Data Science Manager',
  'Data Scientist',
  'Data Engineer',
  'Application Engineer',
  'Project Manager',
] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

export const DEFAULT_ROLE: MemberRole = 'Project Member';
/** Of whoever creates a workspace. */
export const PROJECT_MANAGER: MemberRole = 'Project Manager';
