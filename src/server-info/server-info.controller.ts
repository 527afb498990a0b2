import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Rule } from '../access/rule.decorator.js';
import { ApiEnvelope, ApiErrors } from '../common/http/api-docs.js';
import { Bare } from '../common/http/bare.decorator.js';
import { wireTime } from '../common/wire/time.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { type License, licenseOf } from './license.js';
import { LICENSE_SCHEMA, ServerConfigDto, StatusDto } from './server-info.dto.js';
import { timeZones } from './time-zones.js';

const MB = 1024 * 1024;
const MINUTE_SECONDS = 60;

/** What this server is (chorus-api.md 17). */
@ApiTags('server')
@Controller()
export class ServerInfoController {
  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  @Get('VERSION')
  @Rule('anyone')
  @Bare()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({
    operationId: 'showServerVersion',
    summary: 'Tell the version',
    description: 'The one that clients are to take this server for: setting `REPORTED_VERSION`.',
  })
  @ApiResponse({
    status: 200,
    description: 'One line',
    content: {
      'text/plain': { schema: { type: 'string' }, example: '6.3.0.0.1-fermata\n' },
    },
  })
  version(): string {
    return `${this.config.reportedVersion}\n`;
  }

  @Get('status')
  @Rule('anyone')
  @Bare()
  @ApiOperation({
    operationId: 'showServerStatus',
    summary: 'Tell that the server is there',
    description: 'For everybody. Orchestrators ask `/health/ready`, which looks further.',
  })
  @ApiResponse({ status: 200, type: StatusDto, description: 'It is' })
  status(): StatusDto {
    return {
      user_count_exceeded: false,
      updated_at: wireTime(new Date()),
      status: 'Chorus is running',
    };
  }

  @Get('license')
  @Rule('logged in')
  @ApiOperation({
    operationId: 'showLicense',
    summary: 'Show the licence',
    description:
      'What existing clients ask for before they go on. Nothing is limited, nothing expires.',
  })
  @ApiResponse({
    status: 200,
    description: 'Done',
    schema: { type: 'object', required: ['response'], properties: { response: LICENSE_SCHEMA } },
  })
  @ApiErrors(401)
  license(): License {
    return licenseOf(this.config.reportedVersion);
  }

  @Get('config')
  @Rule('logged in')
  @ApiOperation({
    operationId: 'showServerConfig',
    summary: 'Show limits and features',
    description: 'Sizes of files, time limits, time zones and the licence, as they are set here.',
  })
  @ApiEnvelope(200, ServerConfigDto)
  @ApiErrors(401)
  configuration(): ServerConfigDto {
    const { uploadLimitBytes, workfileLimitBytes } = this.config;
    const upTo = (megabytes: number, limitBytes = uploadLimitBytes) =>
      Math.floor(Math.min(megabytes, limitBytes / MB) * 10) / 10;
    return {
      gpfdist_configured: false,
      tableau_configured: false,
      tableau_sites: [],
      file_sizes_mb_workfiles: upTo(Infinity, workfileLimitBytes),
      file_sizes_mb_csv_imports: upTo(100),
      file_sizes_mb_user_icon: upTo(5),
      file_sizes_mb_workspace_icon: upTo(5),
      file_sizes_mb_attachment: upTo(10),
      file_sizes_mb_hd_upload: upTo(4096),
      visualization_overlay_string: null,
      kaggle_configured: false,
      gnip_configured: false,
      execution_timeout_in_minutes: Math.ceil(this.config.sqlTimeoutSeconds / MINUTE_SECONDS),
      default_preview_row_limit: this.config.sqlRowLimit,
      oracle_configured: false,
      hdfs_versions: [],
      hive_hdfs_versions: [],
      time_zones: timeZones(),
      license: this.license(),
      restrict_data_source_creation: this.config.restrictDataSourceCreation,
      touchpoints_enabled: false,
      chiasm_enabled: false,
      external_auth_enabled: false,
    };
  }
}
