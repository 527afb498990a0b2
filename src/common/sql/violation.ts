import { QueryFailedError } from 'typeorm';

/** True when a statement of TypeORM's failed because of the named constraint or unique index. */
export function violates(error: unknown, constraint: string): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { constraint?: string }).constraint === constraint
  );
}
