import { type AppConfig, DEFAULT_DEMO_PASSWORD } from '../config/app-config.js';

/** Logins of the demo world; all have the password of DEMO_PASSWORD. */
export const DEMO_LOGINS = ['chorusadmin', 'owner', 'member', 'outsider'] as const;

/** As it may be written where logs are kept: one that somebody chose stays in the environment, where a shell finds it. */
export function shownDemoPassword({ demoPassword }: Pick<AppConfig, 'demoPassword'>): string {
  return demoPassword === DEFAULT_DEMO_PASSWORD ? demoPassword : '$DEMO_PASSWORD';
}
