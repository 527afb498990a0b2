import { ApiProperty } from '@nestjs/swagger';
import type { License } from './license.js';
import type { TimeZone } from './time-zones.js';

export class StatusDto {
  @ApiProperty({ example: false }) readonly user_count_exceeded!: boolean;
  @ApiProperty({ example: '2030-04-03T22:09:24Z' }) readonly updated_at!: string;
  @ApiProperty({ example: 'Chorus is running' }) readonly status!: string;
}

/** The keys that existing clients look at; there are more. */
export const LICENSE_SCHEMA = {
  type: 'object' as const,
  required: ['expired', 'is_enabled_api', 'limit_api', 'version', 'workflow_enabled'],
  properties: {
    expired: { type: 'boolean' as const, example: false },
    is_enabled_api: { type: 'boolean' as const, example: true },
    limit_api: { type: 'boolean' as const, example: false },
    version: { type: 'string' as const, example: '6.3.0.0.1-fermata\n' },
    workflow_enabled: { type: 'boolean' as const, example: true },
  },
  additionalProperties: {
    oneOf: (['string', 'integer', 'boolean', 'null'] as const).map((type) => ({ type })),
  },
};

/** What clients may want to know of this installation before they ask for more (chorus-api.md 17). */
export class ServerConfigDto {
  @ApiProperty({ example: false }) readonly gpfdist_configured!: boolean;
  @ApiProperty({ example: false }) readonly tableau_configured!: boolean;
  @ApiProperty({ type: [String], example: [] }) readonly tableau_sites!: readonly string[];
  @ApiProperty({ format: 'double', example: 100, description: 'Megabytes, as the next five.' })
  readonly file_sizes_mb_workfiles!: number;
  @ApiProperty({ format: 'double', example: 20 }) readonly file_sizes_mb_csv_imports!: number;
  @ApiProperty({ format: 'double', example: 5 }) readonly file_sizes_mb_user_icon!: number;
  @ApiProperty({ format: 'double', example: 5 }) readonly file_sizes_mb_workspace_icon!: number;
  @ApiProperty({ format: 'double', example: 10 }) readonly file_sizes_mb_attachment!: number;
  @ApiProperty({ format: 'double', example: 20 }) readonly file_sizes_mb_hd_upload!: number;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly visualization_overlay_string!: string | null;
  @ApiProperty({ example: false }) readonly kaggle_configured!: boolean;
  @ApiProperty({ example: false }) readonly gnip_configured!: boolean;
  @ApiProperty({ example: 10, description: 'Of an SQL text or preview; rounded up.' })
  readonly execution_timeout_in_minutes!: number;
  @ApiProperty({ example: 500 }) readonly default_preview_row_limit!: number;
  @ApiProperty({ example: false }) readonly oracle_configured!: boolean;
  @ApiProperty({ type: [String], example: [] }) readonly hdfs_versions!: readonly string[];
  @ApiProperty({ type: [String], example: [] }) readonly hive_hdfs_versions!: readonly string[];
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    example: [['(GMT-10:00) Pacific/Honolulu', 'Pacific/Honolulu']],
  })
  readonly time_zones!: readonly TimeZone[];
  @ApiProperty(LICENSE_SCHEMA) readonly license!: License;
  @ApiProperty({ example: false }) readonly restrict_data_source_creation!: boolean;
  @ApiProperty({ example: false }) readonly touchpoints_enabled!: boolean;
  @ApiProperty({ example: false }) readonly chiasm_enabled!: boolean;
  @ApiProperty({ example: false }) readonly external_auth_enabled!: boolean;
}
