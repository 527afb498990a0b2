/** Logins of the demo world; all have the password of DEMO_PASSWORD. */
export const DEMO_LOGINS = ['chorusadmin', 'owner', 'member', 'outsider'] as const;
