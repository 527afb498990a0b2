import type { FieldErrors } from '../common/errors/domain-error.js';
import { lengthOf } from '../common/http/text-length.js';
import { type DataSourceKind, isJdbc, KIND_FACTS } from './data-source-kinds.js';
import { MAX_TEXT } from './dto/data-source-attributes.dto.js';

/** What a data source is to be, as far as it can be wrong without asking anybody. */
export interface WantedSource {
  readonly kind: DataSourceKind;
  readonly name?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly port?: number | null | undefined;
  readonly dbName?: string | null | undefined;
  readonly state?: string | null | undefined;
}

export const STATES_TO_CHOOSE = ['incomplete', 'disabled', 'enabled'];

// A name that begins with a slash would be a socket of this machine, open to whoever this process runs as.
const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$/;
const IP_6 = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\w-]+)?$/;
const JDBC_URL = /^jdbc:[\x21-\x7e]+$/i;
// Passwords have a field of their own, where they are encrypted; an address is printed.
const PASSWORD_IN_URL = /(password|passwd|pwd)\s*=|\/\/[^/@]*:[^/@]+@|:[^:/@]+\/[^/@]+@/i;
const DATABASE_NAME = /^[^/?&]*$/;

/** Problems of form that depend on the kind; nothing is required of an incomplete one but its name. */
export function sourceProblems(wanted: WantedSource, currentState?: string): FieldErrors {
  const { kind, name, host, port, dbName, state } = wanted;
  const problems: Record<string, Record<string, unknown>> = {};
  const needs = KIND_FACTS[kind].needs;
  const isIncomplete = (state ?? currentState) === 'incomplete';
  if (isBlank(name)) problems['name'] = { BLANK: {} };
  if (isBlank(host)) {
    if (!isIncomplete) problems['host'] = { BLANK: {} };
  } else if (isLong(host)) {
    // The patterns below take the square of its length.
    problems['host'] = { TOO_LONG: { count: MAX_TEXT } };
  } else if (!isAddress(kind, host)) {
    // A URL may hold what nobody should see.
    const mayHoldPassword = isJdbc(kind) || /:.*@/s.test(host) || PASSWORD_IN_URL.test(host);
    problems['host'] = { INVALID: mayHoldPassword ? {} : { value: host } };
  }
  if (!isIncomplete && needs.port && (port === null || port === undefined))
    problems['port'] = { NOT_A_NUMBER: { value: null } };
  if (!isIncomplete && needs.dbName && isBlank(dbName)) problems['db_name'] = { BLANK: {} };
  else if (typeof dbName === 'string' && !DATABASE_NAME.test(dbName))
    problems['db_name'] = { INVALID: { value: dbName } };
  const isChosen = isBlank(state) || state === currentState || STATES_TO_CHOOSE.includes(state);
  if (!isChosen) problems['state'] = { INCLUSION: { value: state } };
  return problems;
}

export function isBlank(value: unknown): value is null | undefined | '' {
  return (
    value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
  );
}

/** What is there was not checked by the rules yet. */
function isLong(host: unknown): boolean {
  return typeof host === 'string' && lengthOf(host) > MAX_TEXT;
}

function isAddress(kind: DataSourceKind, host: unknown): boolean {
  // What is no text has its own complaint.
  if (typeof host !== 'string') return true;
  if (isJdbc(kind)) return JDBC_URL.test(host) && !PASSWORD_IN_URL.test(host);
  return HOST_NAME.test(host) || IP_6.test(host);
}
