import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { TagDto } from '../../tags/tag.dto.js';
import { UserDto } from '../../users/dto/user.dto.js';
import { DATA_SOURCE_KINDS } from '../data-source-kinds.js';

const STATES = ['online', 'offline', 'incomplete', 'disabled', 'enabled'];

/** chorus-api.md 5.6, succinct form */
export class SuccinctDataSourceDto {
  @ApiProperty({ example: 1000002 }) readonly id!: number;
  @ApiProperty({ example: 'Owners' }) readonly name!: string;
  @ApiProperty({ enum: DATA_SOURCE_KINDS, example: 'gpdb_data_source' })
  readonly entity_type!: string;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!:
    boolean | null;
  @ApiProperty({ example: false, description: "The owner's account is everybody's." })
  readonly shared!: boolean;
  @ApiProperty({ example: 1000006 }) readonly owner_id!: number;
  @ApiProperty({ type: String, nullable: true, example: '9.1.2 - FactoryVersion' })
  readonly version!: string | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_hawq!: boolean | null;
  @ApiProperty({ enum: STATES, example: 'online' }) readonly state!: string;
  @ApiProperty({ example: false, description: 'Listed for users without an account, too.' })
  readonly public!: boolean;
  @ApiPropertyOptional({ description: 'JDBC Hive only, as the next four.' })
  readonly hive?: boolean;
  @ApiPropertyOptional() readonly hive_kerberos?: boolean;
  @ApiPropertyOptional({ type: String, nullable: true })
  readonly hive_kerberos_principal?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true })
  readonly hive_hadoop_version?: string | null;
  @ApiPropertyOptional({ type: String, nullable: true })
  readonly hive_kerberos_keytab_location?: string | null;
}

/** chorus-api.md 5.6 */
export class DataSourceDto extends SuccinctDataSourceDto {
  @ApiProperty({ example: 'warehouse.example.org', description: 'JDBC kinds: the JDBC URL.' })
  readonly host!: string;
  @ApiProperty({ type: Number, nullable: true, example: 5432 }) readonly port!: number | null;
  @ApiProperty({ example: false }) readonly ssl!: boolean;
  @ApiProperty({ example: true }) readonly online!: boolean;
  @ApiProperty({ type: String, nullable: true, example: 'default' })
  readonly db_name!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Sales since 2010' })
  readonly description!: string | null;
  @ApiProperty({ type: [String], example: ['information_schema'] })
  readonly schema_blacklist!: readonly string[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'analyst',
    description: "User name of the owner's account. Passwords are never printed.",
  })
  readonly db_username!: string | null;
  @ApiProperty({ type: UserDto }) readonly owner!: UserDto;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiPropertyOptional({
    example: 'Greenplum Database',
    description: 'Greenplum and PostgreSQL only.',
  })
  readonly data_source_provider?: string;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 5.7 */
@ApiExtraModels(DataSourceDto, SuccinctDataSourceDto)
export class DatabaseDto {
  @ApiProperty({ example: 1000001 }) readonly id!: number;
  @ApiProperty({ example: 'default' }) readonly name!: string;
  @ApiProperty({
    anyOf: [SuccinctDataSourceDto, DataSourceDto].map((dto) => ({ $ref: getSchemaPath(dto) })),
    description: 'Short where something else nests the database.',
  })
  readonly data_source!: SuccinctDataSourceDto | DataSourceDto;
  @ApiProperty({ example: 'gpdb_database' }) readonly entity_type!: string;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 5.8, Greenplum and PostgreSQL */
export class SchemaDto {
  @ApiProperty({ example: 1000006 }) readonly id!: number;
  @ApiProperty({ example: 'default' }) readonly name!: string;
  @ApiProperty({ example: 0, description: 'Counted by the last refresh.' })
  readonly dataset_count!: number;
  @ApiProperty({ type: String, nullable: true, format: 'date-time' })
  readonly refreshed_at!: string | null;
  @ApiProperty({ example: 'gpdb_schema' }) readonly entity_type!: string;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ example: false, description: 'No longer found in the database.' })
  readonly stale!: boolean;
  @ApiPropertyOptional({
    example: true,
    description: 'You may use the data source. Full form only.',
  })
  readonly has_credentials?: boolean;
  @ApiProperty({ type: DatabaseDto }) readonly database!: DatabaseDto;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
