/** The process cannot start, for a reason that its operator can do something about: the message says all there is. */
export class StartupError extends Error {}
