const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export interface MessageLimits {
  /** Of one message: a row. */
  readonly messageBytes: number;
  /** Of all messages between two calls of `renew`: a batch of rows. */
  readonly batchBytes: number;
}

/** What is said until a session is there. */
export const LOGIN_LIMITS: MessageLimits = { messageBytes: 256 * KIB, batchBytes: MIB };
/** A look into a catalogue, of which a schema with 300,000 tables takes the half. */
export const CATALOGUE_LIMITS: MessageLimits = { messageBytes: 16 * MIB, batchBytes: 64 * MIB };
/** A statement whose rows are kept until it has ended: operators ask for figures, and for small parts of tables. */
export const KEPT_LIMITS: MessageLimits = { messageBytes: 256 * MIB, batchBytes: 256 * MIB };
/** A statement of whose rows nothing is kept. PostgreSQL makes no message of this size. */
export const STREAM_LIMITS: MessageLimits = { messageBytes: GIB, batchBytes: Infinity };
