import { isTrue } from '../../common/http/attribute-rules.js';
import { AttributeReader, objectOf } from './attribute-reader.js';

/** What the engine reports of a run (chorus-api.md 9.10). */
export interface WantedResult {
  /** The engine's own. */
  readonly resultId: string;
}

const MAX_ID = 255;

/** Null unless results were written. @throws ValidationFailed */
export function readResult(body: unknown): WantedResult | null {
  const reader = new AttributeReader(objectOf(body));
  if (!isTrue(reader.fields['results_written'])) return null;
  const resultId = reader.text('result_id', MAX_ID);
  if (resultId === null || resultId.trim() === '') reader.refuse('result_id', 'BLANK', {});
  reader.done();
  return { resultId: resultId ?? '' };
}
