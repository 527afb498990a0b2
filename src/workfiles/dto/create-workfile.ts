import { type Bytes, SpooledFile } from '../../common/http/spooled-file.js';
import { AttributeReader, objectOf } from './attribute-reader.js';
import {
  MAX_DESCRIPTION,
  readDatasetIds,
  readLinkUrl,
  readName,
  readPlaces,
  type WantedPlace,
} from './workfile-rules.js';

interface Named {
  readonly fileName: string;
  readonly description: string | null;
  /** A taken name gets a number: the name is that of an upload, not one that somebody chose. */
  readonly renames: boolean;
}

export interface NewWorkflow extends Named {
  readonly kind: 'workflow';
  /** An `.afm` document; null: to be made of the datasets, or without operators. */
  readonly contents: Bytes | null;
  readonly places: readonly WantedPlace[];
  readonly datasetIds: readonly (number | null)[];
}

export interface NewFile extends Named {
  readonly kind: 'file';
  /** Null: empty. */
  readonly contents: Bytes | null;
  /** To be rendered instead. */
  readonly svg: string | null;
}

export interface NewLink extends Named {
  readonly kind: 'link';
  readonly linkUrl: string;
}

/** A workfile to be created, its input checked. */
export type NewWorkfile = NewWorkflow | NewFile | NewLink;

/** Largest upload of each kind, bytes. */
export interface UploadLimits {
  readonly workflowBytes: number;
  readonly fileBytes: number;
}

/** Kinds that come into being otherwise, each with the route for it in the contract. */
const TOUCHPOINTS = ['worklet', 'published_worklet'];
const MAX_SVG = 1_048_576;

/**
 * Attributes of `workfile[…]`, or flat (chorus-api.md 1.2, 9.2).
 * @throws ValidationFailed naming every field that is wrong
 */
export function readNewWorkfile(body: unknown, limits: UploadLimits): NewWorkfile {
  const reader = AttributeReader.of(body, 'workfile');
  const subtype = reader.fields['entity_subtype'];
  if (TOUCHPOINTS.some((one) => one === subtype))
    reader.refuse('entity_subtype', 'INCLUSION', { value: subtype });
  const description = reader.text('description', MAX_DESCRIPTION);
  const wanted =
    subtype === 'alpine'
      ? readWorkflow(reader, body, limits, description)
      : reader.fields['link_url']
        ? readLink(reader, description)
        : readFile(reader, limits, description);
  reader.done();
  return wanted;
}

function readWorkflow(
  reader: AttributeReader,
  body: unknown,
  { workflowBytes }: UploadLimits,
  description: string | null,
): NewWorkflow {
  const upload = readUpload(reader, workflowBytes);
  const given = givenName(reader);
  return {
    kind: 'workflow',
    fileName: readName(reader, given || (upload?.fileName ?? '').replace(/\.afm$/i, '')),
    description,
    renames: given === '',
    contents: upload?.contents ?? null,
    places: readPlaces(reader, body),
    datasetIds: readDatasetIds(reader),
  };
}

function readLink(reader: AttributeReader, description: string | null): NewLink {
  const fileName = readName(reader, givenName(reader));
  return { kind: 'link', fileName, description, renames: false, linkUrl: readLinkUrl(reader) };
}

function readFile(
  reader: AttributeReader,
  { fileBytes }: UploadLimits,
  description: string | null,
): NewFile {
  const svg = reader.text('svg_data', MAX_SVG);
  const upload = svg === null ? readUpload(reader, fileBytes) : null;
  const given = givenName(reader);
  return {
    kind: 'file',
    fileName: readName(reader, given || (upload?.fileName ?? '')),
    description,
    renames: given === '' || svg !== null,
    contents: upload?.contents ?? null,
    svg,
  };
}

function givenName(reader: AttributeReader): string {
  return (reader.text('file_name', Infinity) ?? '').trim();
}

/** The first uploaded file; what is no file in its place is `versions.contents.INVALID`. */
function readUpload(reader: AttributeReader, limitBytes: number): SpooledFile | null {
  for (const version of reader.list('versions_attributes', 10)) {
    const { contents } = objectOf(version);
    if (contents === undefined || contents === null || contents === '') continue;
    if (!(contents instanceof SpooledFile)) reader.refuse('versions.contents', 'INVALID', {});
    else {
      if (contents.contents === null || contents.contents.sizeBytes > limitBytes)
        reader.refuse('versions.contents_file_size', 'LESS_THAN', {
          message: 'file_size_exceeded',
          count: `${limitBytes} Bytes`,
        });
      return contents;
    }
  }
  return null;
}
