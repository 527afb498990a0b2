import type { EntityManager } from 'typeorm';
import type { Viewer } from './viewer.js';

/** The logins of people, for those who must end them, or ask whether they last. */
export abstract class OpenSessions {
  /**
   * Ends the sessions of a user together with the caller's transaction.
   * @param kept the session that goes on; null: none
   */
  abstract end(tx: EntityManager, userId: number, kept: number | null): Promise<void>;

  /** The person as he is now; null when the session has ended. It is not renewed. */
  abstract viewerOf(sessionId: number): Promise<Viewer | null>;
}
