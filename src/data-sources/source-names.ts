import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { type FieldErrors, ValidationFailed } from '../common/errors/domain-error.js';
import { violates } from '../common/sql/violation.js';
import { isBlank } from './source-attributes.js';

const TAKEN: FieldErrors = { name: { TAKEN: {} } };

/** Names are unique among live data sources of every kind, ignoring case. */
@Injectable()
export class SourceNames {
  constructor(private readonly orm: OrmDataSource) {}

  /** So that a taken name is reported together with what else is wrong. @param id of the source that may have it */
  async problems(name: unknown, id = 0): Promise<FieldErrors> {
    if (typeof name !== 'string' || isBlank(name)) return {};
    const found = await this.orm.query<unknown[]>(
      'SELECT FROM data_sources WHERE lower(name) = lower($1) AND deleted_at IS NULL AND id <> $2',
      [name, id],
    );
    return found.length > 0 ? TAKEN : {};
  }
}

/** Of several who want a name at once the index lets one have it: the others are told so. */
export function takenName(error: unknown): unknown {
  return violates(error, 'data_sources_name_key') ? new ValidationFailed(TAKEN) : error;
}
