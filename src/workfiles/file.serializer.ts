import { Injectable } from '@nestjs/common';
import { DataSourceSerializer } from '../data-sources/data-source.serializer.js';
import type { SchemaDto } from '../data-sources/dto/data-source.dto.js';
import type { SchemaPlace } from '../data-sources/place.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { FileExtras } from './file-extras.js';
import type { VersionInfo } from './version-info.js';

/** The last keys of a file's document; `complete_json` stands before `version_info` (chorus-api.md 5.9). */
@Injectable()
export class FileSerializer {
  constructor(
    private readonly dataSources: DataSourceSerializer,
    private readonly users: UserSerializer,
  ) {}

  /** As copy answers. */
  copied({ hasDraft }: FileExtras): object {
    return { has_draft: hasDraft };
  }

  /** As update answers. */
  updated(extras: FileExtras): object {
    return {
      has_draft: extras.hasDraft,
      execution_schema: extras.schema && this.schema(extras.schema, extras.hasCredentials),
      complete_json: true,
    };
  }

  /** As show, create and versions answer. */
  shown(extras: FileExtras, version: VersionInfo): object {
    return { ...this.updated(extras), version_info: version.file(this.users) };
  }

  listItem(schema: SchemaPlace | null, version: VersionInfo): object {
    return {
      execution_schema: schema && this.dataSources.sandbox(schema),
      complete_json: true,
      version_info: version.file(this.users),
    };
  }

  private schema(place: SchemaPlace, hasCredentials: boolean): SchemaDto {
    const { database, complete_json, ...schema } = this.dataSources.sandbox(place);
    return { ...schema, has_credentials: hasCredentials, database, complete_json };
  }
}
