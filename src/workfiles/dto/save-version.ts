import { type Bytes, MemoryBytes, SpooledFile } from '../../common/http/spooled-file.js';
import { AttributeReader } from './attribute-reader.js';

/** What is to be saved as a version (chorus-api.md 9.12). */
export interface WantedVersion {
  /** Null: none was sent. */
  readonly contents: Bytes | null;
  readonly commitMessage: string | null;
}

interface SaveRules {
  readonly limitBytes: number;
  /** Contents must be sent. */
  readonly required: boolean;
}

const MAX_COMMIT_MESSAGE = 256;

/** `content` is a text or an uploaded file; an empty text is one. @throws ValidationFailed */
export function readVersion(body: unknown, { limitBytes, required }: SaveRules): WantedVersion {
  const reader = AttributeReader.of(body, 'workfile');
  const commitMessage = reader.text('commit_message', MAX_COMMIT_MESSAGE);
  const contents = readContents(reader, limitBytes);
  if (contents === null && required) reader.refuse('content', 'BLANK', {});
  reader.done();
  return { contents, commitMessage };
}

/** The text of a draft; an empty one is one. @throws ValidationFailed */
export function readDraft(body: unknown): string {
  const reader = AttributeReader.of(body, 'workfile_draft');
  const { content } = reader.fields;
  if (content === undefined || content === null) reader.refuse('content', 'BLANK', {});
  else if (typeof content !== 'string') reader.refuse('content', 'INVALID', {});
  reader.done();
  return content as string;
}

function readContents(reader: AttributeReader, limitBytes: number): Bytes | null {
  const { content } = reader.fields;
  if (content === undefined || content === null) return null;
  if (typeof content !== 'string' && !(content instanceof SpooledFile)) {
    reader.refuse('content', 'INVALID', {});
    return new MemoryBytes(Buffer.alloc(0));
  }
  const bytes =
    typeof content === 'string' ? new MemoryBytes(Buffer.from(content)) : content.contents;
  if (bytes !== null && bytes.sizeBytes <= limitBytes) return bytes;
  reader.refuse('contents_file_size', 'LESS_THAN', {
    message: 'file_size_exceeded',
    count: `${limitBytes} Bytes`,
  });
  return new MemoryBytes(Buffer.alloc(0));
}
