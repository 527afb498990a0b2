import type { FieldErrors } from '../common/errors/domain-error.js';
import type { SandboxDto } from './dto/sandbox-attributes.dto.js';

/** Where a schema to be created belongs: in a known database, or in one by its name. */
export type WantedDatabase =
  { readonly id: number } | { readonly name: string; readonly dataSourceId: number };

export type WantedSandbox =
  | { readonly schemaId: number }
  | { readonly schemaName: string; readonly database: WantedDatabase };

const BLANK = { BLANK: {} };

/** What is missing for any of the three forms (chorus-api.md 8.7). */
export function missingFor(sent: Partial<SandboxDto>): FieldErrors {
  if (sent.schema_id != null) return {};
  return {
    ...(!sent.schema_name && { schema_name: BLANK }),
    ...(sent.database_id == null && {
      ...(!sent.database_name && { database_name: BLANK }),
      ...(sent.data_source_id == null && { data_source_id: BLANK }),
    }),
  };
}

/** Of attributes from which nothing is missing. */
export function wantedSandbox(attributes: SandboxDto): WantedSandbox {
  const { schema_id: schemaId, schema_name, database_id: id } = attributes;
  if (schemaId != null) return { schemaId };
  const database =
    id != null
      ? { id }
      : {
          name: attributes.database_name ?? '',
          dataSourceId: attributes.data_source_id ?? 0,
        };
  return { schemaName: schema_name ?? '', database };
}
