import { QueryFailedError } from 'typeorm';

/** True when a statement of TypeORM's failed because of the named constraint or unique index. */
export function violates(error: unknown, constraint: string): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { constraint?: string }).constraint === constraint
  );
}

/** True when the database ended the transaction because it and another one waited for each other. It is rolled back. */
export function isDeadlock(error: unknown): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return ((cause ?? {}) as { code?: unknown }).code === '40P01';
}
