/** What went wrong, in the domain's words; `common/http/error-filter.ts` maps each kind to a status. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'invalid'
  | 'throttled'
  | 'unavailable'
  | 'failed';

/** An error the caller can do something about. `errors` is the value of the wire's `{"errors": …}` envelope. */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    /** chorus-api.md 3. Null prints the body `{}`. */
    readonly errors: Readonly<Record<string, unknown>> | null,
    options?: ErrorOptions & {
      readonly message?: string;
      /** Seconds after which trying again makes sense; becomes `Retry-After`. */
      readonly retryAfterSeconds?: number;
    },
  ) {
    super(options?.message ?? JSON.stringify(errors), options);
    this.name = new.target.name;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }

  readonly retryAfterSeconds: number | undefined;
}

/** No such record, or a soft-deleted one: 404 `{"errors":{"record":"NOT_FOUND"}}`. */
export class RecordNotFound extends DomainError {
  constructor() {
    super('not_found', { record: 'NOT_FOUND' });
  }
}

/** Authorization refused: 403, with the refused object in its forbidden form (chorus-api.md 3). */
export class AccessDenied extends DomainError {
  constructor(modelData: Readonly<Record<string, unknown>> = {}) {
    super('denied', { model_data: modelData });
  }
}

/** No live session: 401 `{}`. */
export class NotAuthenticated extends DomainError {
  constructor() {
    super('unauthenticated', null);
  }
}

/** Field name (or `base`) → code → extra data, as chorus-api.md 3 lists them. */
export type FieldErrors = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Validation failed: 422 `{"errors":{"fields":{…}}}`. */
export class ValidationFailed extends DomainError {
  constructor(fields: FieldErrors) {
    super('invalid', { fields });
  }
}

/**
 * Two requests waited for each other, and the metadata database ended this one: 503 `{"errors":{"message":…}}`. What it was
 * doing is undone; the other goes on.
 */
export class Deadlocked extends DomainError {
  constructor(cause: unknown) {
    const message = 'Another request was changing the same at that moment. Please try again.';
    super('unavailable', { message }, { cause, retryAfterSeconds: 1 });
  }
}

/**
 * The metadata database cannot be reached, or does not answer in time: 503 `{"errors":{"message":…}}`. Whether what was
 * asked for has happened is not known; it is safe to ask again.
 */
export class DatabaseUnreachable extends DomainError {
  constructor(cause: unknown) {
    const message = 'The metadata database cannot be reached at the moment. Please try again.';
    super('unavailable', { message }, { cause, retryAfterSeconds: 2 });
  }
}
