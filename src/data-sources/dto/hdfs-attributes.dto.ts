import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, ValidateBy } from 'class-validator';
import { Flag } from '../../common/http/attribute-rules.js';
import type { ConnectionParameter } from '../data-source-details.js';
import { MAX_NAME, MAX_TEXT } from './data-source-attributes.dto.js';
import { ConnectionParameterDto } from './hdfs-data-source.dto.js';
import { Port, Text } from './text-rules.js';

const MAX_DESCRIPTION = 10_000;
const MAX_PARAMETERS = 200;
const MAX_PARAMETER = 4096;

/** Attributes of an HDFS data source, flat or in `hdfs_data_source` (chorus-api.md 10.1). */
export class HdfsDataSourceAttributesDto {
  @ApiPropertyOptional({ type: String, example: 'Lake', maxLength: MAX_NAME })
  @Text(MAX_NAME)
  readonly name?: string | null;

  @ApiPropertyOptional({ type: String, example: 'namenode.example.org' })
  @Text(MAX_TEXT)
  readonly host?: string | null;

  @ApiPropertyOptional({
    type: Number,
    example: 8020,
    description: 'Required unless `high_availability`.',
  })
  @Port()
  readonly port?: number | null;

  @ApiPropertyOptional({ type: String, example: 'Cloudera CDH5', description: 'Required.' })
  @Text(MAX_TEXT)
  readonly hdfs_version?: string | null;

  @ApiPropertyOptional({ type: String, example: 'hadoop' })
  @Text(MAX_TEXT)
  readonly username?: string | null;

  @ApiPropertyOptional({ type: String, example: 'staff' })
  @Text(MAX_TEXT)
  readonly group_list?: string | null;

  @ApiPropertyOptional({ type: String, example: 'jobs.example.org' })
  @Text(MAX_TEXT)
  readonly job_tracker_host?: string | null;

  @ApiPropertyOptional({ type: Number, example: 8021 })
  @Port()
  readonly job_tracker_port?: number | null;

  @ApiPropertyOptional({ type: Boolean, example: false })
  @Flag()
  readonly high_availability?: boolean | null;

  @ApiPropertyOptional({ type: [ConnectionParameterDto] })
  @Parameters()
  readonly connection_parameters?: readonly ConnectionParameter[] | null;

  @ApiPropertyOptional({ type: String, example: 'Raw events' })
  @Text(MAX_DESCRIPTION)
  readonly description?: string | null;

  @ApiPropertyOptional({ type: Boolean, example: false })
  @Flag()
  readonly is_hdfs_hive?: boolean | null;

  @ApiPropertyOptional({ type: String, example: 'thrift://hive.example.org:9083' })
  @Text(MAX_TEXT)
  readonly hive_metastore_location?: string | null;

  @ApiPropertyOptional({ enum: ['incomplete', 'disabled', 'enabled'], example: 'enabled' })
  @Text(MAX_TEXT)
  readonly state?: string | null;
}

function Parameters(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => listOf(value)),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_PARAMETERS),
    ValidateBy({ name: 'areParameters', validator: { validate: areParameters } }),
  );
}

/** Forms send lists as hashes of their indexes; browsers send them as JSON text. */
function listOf(value: unknown): unknown {
  if (value === '') return null;
  if (typeof value === 'string') {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.values(value).map((one: unknown) => {
    const { key, value: text } = Object(one) as Partial<ConnectionParameter>;
    return { key, value: text };
  });
}

function areParameters(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one: Partial<ConnectionParameter> | null) =>
      [one?.key, one?.value].every(
        (text) => typeof text === 'string' && text.length <= MAX_PARAMETER,
      ),
    )
  );
}
