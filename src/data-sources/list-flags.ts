import { isTrue } from '../common/http/attribute-rules.js';

export interface ListFlags {
  /** Null: not asked for. */
  readonly kinds: readonly string[] | null;
  readonly all: boolean;
  readonly withoutDisabled: boolean;
  readonly succinct: boolean;
  /** HDFS: only those with a job tracker. */
  readonly jobTracker: boolean;
}

/** Flags of a list, from the query or the JSON body of a GET (chorus-api.md 1.2, 10.1). */
export function readListFlags(...sources: readonly unknown[]): ListFlags {
  const fields = sources
    .filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    .reduceRight((all, one) => ({ ...all, ...one }), {});
  const types = fields['entity_type'];
  const named = (Array.isArray(types) ? types : [types]).filter(
    (one): one is string => typeof one === 'string' && one !== '',
  );
  return {
    kinds: named.length > 0 ? named : null,
    // Any value counts, `False` included.
    all: 'all' in fields,
    withoutDisabled: isTrue(fields['filter_disabled']),
    succinct: isTrue(fields['succinct']),
    jobTracker: 'job_tracker' in fields,
  };
}
