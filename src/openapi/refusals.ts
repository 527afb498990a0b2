import type { OpenAPIObject } from '@nestjs/swagger';

type Response = Exclude<
  NonNullable<NonNullable<OpenAPIObject['components']>['responses']>[string],
  { $ref: string }
>;
type Schema = Record<string, unknown>;

const TEXT: Schema = { type: 'string' };
const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds after which trying again makes sense.',
    schema: { type: 'integer' as const, minimum: 0 },
  },
};

/** What a schema of `errors` says of its keys. */
const KEYS: Readonly<Record<string, Schema>> = {
  fields: {
    type: 'object',
    description: 'Attribute, or `base` → code in capitals → what goes with it, or null.',
    additionalProperties: {
      type: 'object',
      additionalProperties: { type: ['object', 'null'], additionalProperties: true },
    },
  },
  record: { ...TEXT, description: 'What is wrong with the record as a whole, in capitals.' },
  message: { ...TEXT, description: 'For people.' },
  type: { ...TEXT, description: 'Class of a refusal of the data source.' },
  service: { ...TEXT, description: 'What cannot be reached.' },
  data_source: { ...TEXT, description: 'Kind of data source without a driver.' },
  model_data: {
    type: 'object',
    description: 'What was refused, in its short form: a data source tells who may be asked.',
    additionalProperties: true,
  },
};

function errors(keys: readonly string[], required: readonly string[] = []): Schema {
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(keys.map((key) => [key, KEYS[key]])),
  };
}

interface Refusal {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  readonly headers?: typeof RETRY_AFTER;
}

/** `errors` may be missing: the body `{}`. */
const whole = (inner: Schema, isRequired = true): Schema => ({
  type: 'object',
  ...(isRequired && { required: ['errors'] }),
  properties: { errors: inner },
});

/** What each error status looks like, whatever route it comes from (chorus-api.md 3). */
export const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    name: 'Malformed',
    description: 'The body cannot be read',
    schema: whole(errors(['message', 'record'], ['message'])),
  },
  401: {
    name: 'Unauthorized',
    description: 'Not logged in, or the session has expired: `{}`',
    schema: { type: 'object', maxProperties: 0 },
  },
  403: {
    name: 'Forbidden',
    description:
      'Not allowed. `model_data` is what was refused; `record` or `message` and `type` come from a data source that ' +
      'refused the account. `{}`: only administrators may, or the cookie came from a page of another site',
    schema: whole(errors(['model_data', 'record', 'message', 'type']), false),
  },
  404: {
    name: 'NotFound',
    description: 'No such record, or a deleted one',
    schema: whole(errors(['record', 'message'], ['record'])),
  },
  413: {
    name: 'TooLarge',
    description:
      'The body, or the fields of a form together, are larger than `BODY_LIMIT_BYTES`; or the files of a form together ' +
      'larger than one may be',
    schema: whole(errors(['message'], ['message'])),
  },
  422: {
    name: 'Invalid',
    description:
      'Refused, and nothing was changed. `fields` names every attribute that is wrong; `record` what is wrong with the ' +
      'record as a whole, for example a data source that cannot be reached',
    schema: whole(errors(['fields', 'record', 'message', 'data_source'])),
  },
  429: {
    name: 'TooMany',
    description: 'Too many at once; see `Retry-After`',
    schema: whole(errors(['message', 'fields', 'record'])),
    headers: RETRY_AFTER,
  },
  500: {
    name: 'Failed',
    description: 'It did not come about; `message` says why. Nothing of it is left',
    schema: whole(errors(['record', 'message'], ['message'])),
  },
  503: {
    name: 'Unavailable',
    description:
      'Something this needs is not there: the metadata database (it is safe to ask again), or what `service` names. Or ' +
      'this and another request waited for each other: what this one was doing is undone, ask again',
    schema: whole(errors(['message', 'service'])),
    headers: RETRY_AFTER,
  },
};

/** Component schemas and responses for `REFUSALS`. @param used statuses that some route answers */
export function refusalComponents(used: ReadonlySet<number>): {
  readonly schemas: Record<string, Schema>;
  readonly responses: Record<string, Response>;
} {
  const refusals = Object.entries(REFUSALS).filter(([status]) => used.has(Number(status)));
  return {
    schemas: Object.fromEntries(
      refusals.map(([, { name, schema }]) => [`${name}Error`, schema] as const),
    ),
    responses: Object.fromEntries(
      refusals.map(([, { name, description, headers }]) => [
        name,
        {
          description,
          ...(headers && { headers }),
          content: {
            'application/json': { schema: { $ref: `#/components/schemas/${name}Error` } },
          },
        },
      ]),
    ),
  };
}
