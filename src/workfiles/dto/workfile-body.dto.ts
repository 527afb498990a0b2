import { ApiPropertyOptional } from '@nestjs/swagger';

/** An execution location as a request names it. */
export class PlaceBody {
  @ApiPropertyOptional({
    enum: [
      'gpdb_database',
      'pg_database',
      'oracle_data_source',
      'jdbc_data_source',
      'jdbc_hive_data_source',
    ],
  })
  readonly entity_type!: string;
  @ApiPropertyOptional({ example: 1000001, description: 'Of the database, or of the data source.' })
  readonly id!: number;
}

class ContentsBody {
  @ApiPropertyOptional({ type: 'string', format: 'binary' }) readonly contents!: unknown;
}

/** Only documents what `readNewWorkfile` takes: attributes may be nested in `workfile`, or flat. */
export class NewWorkfileBody {
  @ApiPropertyOptional({
    example: 'heavy_users.sql',
    maxLength: 255,
    description:
      'Letters, digits, blanks and `_ . ( ) -`. Required without an upload; the name of an upload otherwise.',
  })
  readonly file_name?: string;
  @ApiPropertyOptional({ maxLength: 10_000, example: 'Clients with more than seven credit lines' })
  readonly description?: string;
  @ApiPropertyOptional({ example: 'alpine', description: '`alpine`: a workflow. Else a file.' })
  readonly entity_subtype?: string;
  @ApiPropertyOptional({
    type: [ContentsBody],
    description: 'The first is the file; multipart only.',
  })
  readonly versions_attributes?: readonly ContentsBody[];
  @ApiPropertyOptional({
    example: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>',
    description: 'A file: drawn as PNG. Whatever leads out of the drawing is left out.',
  })
  readonly svg_data?: string;
  @ApiPropertyOptional({ type: [PlaceBody], description: 'A workflow: where it runs.' })
  readonly execution_locations?: readonly PlaceBody[];
  @ApiPropertyOptional({
    type: [Number],
    example: [1000011],
    description: 'A workflow: tables it starts from; it runs where they are.',
  })
  readonly dataset_ids?: readonly number[];
  @ApiPropertyOptional({
    example: 'https://dashboards.example.com/credit',
    maxLength: 2048,
    description: 'Makes a link; `http` and `https` only.',
  })
  readonly link_url?: string;
}

class SchemaBody {
  @ApiPropertyOptional({ example: 1000006 }) readonly id!: number;
}

/** Only documents what `readChanges` takes. */
export class WorkfileChangesBody {
  @ApiPropertyOptional({ example: 'late_payers.sql', maxLength: 255 }) readonly file_name?: string;
  @ApiPropertyOptional({ maxLength: 10_000, nullable: true, type: String })
  readonly description?: string | null;
  @ApiPropertyOptional({ maxLength: 2048, description: 'A link.' }) readonly link_url?: string;
  @ApiPropertyOptional({ type: SchemaBody, description: 'A file: where its SQL runs.' })
  readonly execution_schema?: SchemaBody;
  @ApiPropertyOptional({ type: [PlaceBody], description: 'A workflow: replaces all.' })
  readonly execution_locations?: readonly PlaceBody[];
  @ApiPropertyOptional({ type: [Number], description: 'A workflow: replaces all.' })
  readonly dataset_ids?: readonly number[];
  @ApiPropertyOptional({
    enum: ['idle', 'running'],
    description: 'Accepted and ignored: the state of a workflow follows from its run.',
  })
  readonly status?: string;
}

/** Only documents what `readCopy` takes. */
export class CopyBody {
  @ApiPropertyOptional({ example: 1000009, description: 'Default: the same workspace.' })
  readonly workspace_id?: number;
  @ApiPropertyOptional({
    example: 'late_payers_2020.sql',
    description: 'Default: the name of the original, with a number when it is taken.',
  })
  readonly file_name?: string;
}

/** Only documents what `readVersion` takes. */
export class VersionBody {
  @ApiPropertyOptional({
    example: 'SELECT * FROM demo.credit;\n',
    description: 'A text, or a file of a multipart form.',
  })
  readonly content?: string;
  @ApiPropertyOptional({ example: 'Cut at seven', maxLength: 256 })
  readonly commit_message?: string;
}

/** Only documents what `readDraft` takes. */
export class DraftBody {
  @ApiPropertyOptional({ example: 'SELECT * FROM demo.credit WHERE' }) readonly content!: string;
}

/** Only documents what `readResult` takes. */
export class ResultBody {
  @ApiPropertyOptional({ example: '0b5c1c8e-8a5b-4a0e-9d53-4f2d4d9e4a77', maxLength: 255 })
  readonly result_id?: string;
  @ApiPropertyOptional({ example: 'true', description: 'Anything else: nothing is recorded.' })
  readonly results_written?: string;
}
