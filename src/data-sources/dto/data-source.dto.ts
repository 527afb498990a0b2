import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** chorus-api.md 5.6, succinct form */
export class SuccinctDataSourceDto {
  @ApiProperty({ example: 1000002 }) readonly id!: number;
  @ApiProperty({ example: 'Owners' }) readonly name!: string;
  @ApiProperty({ example: 'gpdb_data_source' }) readonly entity_type!: string;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ example: false }) readonly shared!: boolean;
  @ApiProperty({ example: 1000006 }) readonly owner_id!: number;
  @ApiProperty({ type: String, nullable: true, example: '9.1.2 - FactoryVersion' })
  readonly version!: string | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_hawq!: boolean | null;
  @ApiProperty({ enum: ['online', 'offline', 'incomplete', 'disabled', 'enabled'] })
  readonly state!: string;
  @ApiProperty({ example: false }) readonly public!: boolean;
}

/** chorus-api.md 5.7 */
export class DatabaseDto {
  @ApiProperty({ example: 1000001 }) readonly id!: number;
  @ApiProperty({ example: 'default' }) readonly name!: string;
  @ApiProperty({ type: SuccinctDataSourceDto }) readonly data_source!: SuccinctDataSourceDto;
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
  @ApiProperty({ example: false }) readonly stale!: boolean;
  @ApiPropertyOptional({ description: 'Full form only: the caller may use the data source.' })
  readonly has_credentials?: boolean;
  @ApiProperty({ type: DatabaseDto }) readonly database!: DatabaseDto;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
