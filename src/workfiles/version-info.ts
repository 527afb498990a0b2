import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { wireTime } from '../common/wire/time.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import type { UserSerializer } from '../users/user.serializer.js';
import type { Workfile } from './workfile.entity.js';
import { WorkfileVersion } from './workfile-version.entity.js';

/** Longer contents are cut (chorus-api.md 5.10). */
export const SHOWN_BYTES = 131_072;
const TEXT_TYPES = ['text', 'code', 'xml', 'sql'];

interface Saved {
  readonly version: WorkfileVersion;
  readonly owner: Person;
  readonly modifier: Person;
  /** The beginning of the content, base64; null when it was not asked for. */
  readonly head: string | null;
}

export interface SavedJson {
  readonly version: object;
  readonly owner: PersonJson;
  readonly modifier: PersonJson;
  readonly head: string | null;
}

/** SQL of version `saved` as `SavedJson`. @param shownBytes of its content, from the start; 0 for none */
export function savedJson(shownBytes: number): string {
  const head =
    shownBytes === 0
      ? 'NULL'
      : `translate(encode(substring(saved.contents FROM 1 FOR ${shownBytes}), 'base64'), E'\\n', '')`;
  return `json_build_object('version', ${entityJson(WorkfileVersion, 'saved')},
    'owner', ${personJson('saved.owner_id')}, 'modifier', ${personJson('saved.modifier_id')}, 'head', ${head})`;
}

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

  workbook(): object {
    return { updated_at: wireTime(this.workfile.createdAt) };
  }

  file(users: UserSerializer): object | null {
    if (this.saved === null) return null;
    const { version, owner, modifier } = this.saved;
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
      partial_file: version.sizeBytes > SHOWN_BYTES,
      icon_url: isImage ? url('icon') : null,
      content: this.content(this.saved),
    };
  }

  /** A letter that the cut went through is left out. */
  private content({ head, version }: Saved): string | null {
    if (head === null || !TEXT_TYPES.includes(this.workfile.fileType)) return null;
    const stream = version.sizeBytes > SHOWN_BYTES;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.from(head, 'base64'), {
      stream,
    });
  }
}
