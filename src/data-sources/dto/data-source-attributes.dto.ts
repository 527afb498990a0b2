import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Flag } from '../../common/http/attribute-rules.js';
import { DATA_SOURCE_KINDS } from '../data-source-kinds.js';
import { Port, Text } from './text-rules.js';

export const MAX_NAME = 64;
export const MAX_TEXT = 256;
export const MAX_PASSWORD = 1024;
const MAX_DESCRIPTION = 10_000;

/** Attributes of a data source, flat or in `data_source` (chorus-api.md 10.1). What a kind needs is checked later. */
export class NewDataSourceDto {
  @ApiPropertyOptional({
    enum: DATA_SOURCE_KINDS.filter((kind) => kind !== 'hdfs_data_source'),
    example: 'pg_data_source',
    description: 'Required.',
  })
  @Text(MAX_TEXT)
  readonly entity_type?: string | null;

  @ApiPropertyOptional({
    type: String,
    example: 'Warehouse',
    maxLength: MAX_NAME,
    description: 'Required; unique among data sources of every kind, ignoring case.',
  })
  @Text(MAX_NAME)
  readonly name?: string | null;

  @ApiPropertyOptional({
    type: String,
    example: 'warehouse.example.org',
    maxLength: MAX_TEXT,
    description: 'Required. JDBC kinds: the JDBC URL, without a password.',
  })
  @Text(MAX_TEXT)
  readonly host?: string | null;

  @ApiPropertyOptional({
    type: Number,
    example: 5432,
    description: 'Required for Greenplum, PostgreSQL, HAWQ and Oracle.',
  })
  @Port()
  readonly port?: number | null;

  @ApiPropertyOptional({
    type: String,
    example: 'sales',
    description: 'Database to connect to first. Required where a port is.',
  })
  @Text(MAX_TEXT)
  readonly db_name?: string | null;

  @ApiPropertyOptional({ type: String, example: 'analyst', description: 'Required.' })
  @Text(MAX_TEXT)
  readonly db_username?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'password',
    example: 'open-sesame',
    description: 'Required; stored encrypted, never printed.',
  })
  @Text(MAX_PASSWORD)
  readonly db_password?: string | null;

  @ApiPropertyOptional({ type: String, example: 'Sales since 2010', maxLength: MAX_DESCRIPTION })
  @Text(MAX_DESCRIPTION)
  readonly description?: string | null;

  @ApiPropertyOptional({ type: Boolean, example: false, default: false })
  @Flag()
  readonly ssl?: boolean | null;

  @ApiPropertyOptional({ type: Boolean, example: false, nullable: true })
  @Flag()
  readonly is_hawq?: boolean | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: false,
    default: false,
    description: "Everybody uses the owner's account.",
  })
  @Flag()
  readonly shared?: boolean | null;

  @ApiPropertyOptional({ type: Boolean, example: false, default: false })
  @Flag()
  readonly public?: boolean | null;

  @ApiPropertyOptional({
    enum: ['incomplete', 'disabled', 'enabled'],
    example: 'enabled',
    description:
      '`incomplete` saves what there is, untested; `disabled` takes it out of use; `enabled` puts it in use and checks it.',
  })
  @Text(MAX_TEXT)
  readonly state?: string | null;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'JDBC Hive only.' })
  @Flag()
  readonly hive?: boolean | null;

  @ApiPropertyOptional({ type: Boolean, example: false, description: 'JDBC Hive only.' })
  @Flag()
  readonly hive_kerberos?: boolean | null;

  @ApiPropertyOptional({ type: String, example: 'hive/_HOST@EXAMPLE.ORG' })
  @Text(MAX_TEXT)
  readonly hive_kerberos_principal?: string | null;

  @ApiPropertyOptional({ type: String, example: 'Cloudera CDH5' })
  @Text(MAX_TEXT)
  readonly hive_hadoop_version?: string | null;

  @ApiPropertyOptional({ type: String, example: '/etc/security/hive.keytab' })
  @Text(MAX_TEXT)
  readonly hive_kerberos_keytab_location?: string | null;
}

/** Only what is sent changes. `entity_type` and `shared` never do. */
export class ChangedDataSourceDto extends OmitType(NewDataSourceDto, ['entity_type', 'shared']) {}
