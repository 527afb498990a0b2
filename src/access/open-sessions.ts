import type { EntityManager } from 'typeorm';

/** The logins of people, for those who must end them. */
export abstract class OpenSessions {
  /**
   * Ends the sessions of a user together with the caller's transaction.
   * @param kept the session that goes on; null: none
   */
  abstract end(tx: EntityManager, userId: number, kept: number | null): Promise<void>;
}
