import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { wireTime } from '../common/wire/time.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import type { UserSerializer } from '../users/user.serializer.js';
import type { Workfile } from './workfile.entity.js';
import { WorkfileVersion } from './workfile-version.entity.js';

/** Longer contents are cut (chorus-api.md 5.10). */
const SHOWN_BYTES = 131_072;
const TEXT_TYPES = ['text', 'code', 'xml', 'sql'];

interface Saved {
  readonly version: WorkfileVersion;
  readonly owner: Person;
  readonly modifier: Person;
  readonly sizeBytes: number;
  /** The first 131,072 bytes, base64. */
  readonly head: string;
}

export interface SavedJson {
  readonly version: object;
  readonly owner: PersonJson;
  readonly modifier: PersonJson;
  readonly sizeBytes: number;
  readonly head: string;
}

/** SQL of the latest version of workfile `wf` as `SavedJson`, or NULL. @param shownBytes of its content, from the start */
export const latestVersionJson = (
  shownBytes: number,
) => `(SELECT json_build_object('version', ${entityJson(WorkfileVersion, 'saved')},
    'owner', ${personJson('saved.owner_id')}, 'modifier', ${personJson('saved.modifier_id')},
    'sizeBytes', length(saved.contents),
    'head', translate(encode(substring(saved.contents FROM 1 FOR ${shownBytes}), 'base64'), E'\\n', ''))
  FROM workfile_versions saved WHERE saved.id = wf.latest_version_id)`;

export const LATEST_VERSION_JSON = latestVersionJson(SHOWN_BYTES);

/** The `version_info` of show, by kind of workfile (chorus-api.md 5.9, 5.10). */
export class VersionInfo {
  private constructor(
    private readonly workfile: Workfile,
    private readonly saved: Saved | null,
  ) {}

  static of(workfile: Workfile, saved: SavedJson | null): VersionInfo {
    return new VersionInfo(
      workfile,
      saved && {
        ...saved,
        version: entityOf(WorkfileVersion, saved.version),
        owner: personOf(saved.owner),
        modifier: personOf(saved.modifier),
      },
    );
  }

  workflow(): object {
    const { createdAt, updatedAt } = this.workfile;
    return { created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) };
  }

  file(users: UserSerializer): object | null {
    if (this.saved === null) return null;
    const { version, owner, modifier, sizeBytes } = this.saved;
    const url = (style: string) =>
      `/workfile_versions/${version.id}/image?style=${style}&${Math.floor(version.updatedAt.getTime() / 1000)}`;
    const isImage = this.workfile.fileType === 'image';
    return {
      id: version.id,
      version_num: version.versionNum,
      commit_message: version.commitMessage,
      owner: users.succinct(owner),
      modifier: users.succinct(modifier),
      created_at: wireTime(version.createdAt),
      updated_at: wireTime(version.updatedAt),
      content_url: url('original'),
      partial_file: sizeBytes > SHOWN_BYTES,
      icon_url: isImage ? url('icon') : null,
      content: this.content(),
    };
  }

  private content(): string | null {
    if (this.saved?.head === '' && this.saved.sizeBytes > 0) return null;
    if (this.saved === null || !TEXT_TYPES.includes(this.workfile.fileType)) return null;
    return Buffer.from(this.saved.head, 'base64').toString('utf8');
  }
}
