import { hash, verify } from '@node-rs/argon2';

// OWASP's minimum for Argon2id: 19 MiB, two passes, one lane.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What an unknown user's password is compared with, so that the answer takes as long as for a known one. */
const DECOY = hash('no password', COST);

/** Argon2id, in the PHC string format. */
export function hashPassword(plain: string): Promise<string> {
  return hash(plain, COST);
}

/** @param stored null: no such user, or none with a password here; always false */
export async function verifyPassword(stored: string | null, plain: string): Promise<boolean> {
  const matches = await verify(stored ?? (await DECOY), plain);
  return matches && stored !== null;
}
