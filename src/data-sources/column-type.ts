const CATEGORIES: readonly (readonly [RegExp, string])[] = [
  [/^(smallint|integer|bigint|oid|int[248]?|(small|big)?serial)$/, 'WHOLE_NUMBER'],
  [/^(numeric|decimal|real|double precision|money|float[48])$/, 'REAL_NUMBER'],
  [/^boolean$/, 'BOOLEAN'],
  [/^(bytea|bit|bit varying)$/, 'BINARY'],
  [/^text$/, 'LONG_STRING'],
  [/^("?char"?|character|character varying|name|bpchar|varchar)$/, 'STRING'],
  [/^date$/, 'DATE'],
  [/^time( with(out)? time zone)?$/, 'TIME'],
  [/^timestamp( with(out)? time zone)?$/, 'DATETIME'],
];

/** `type_category` of a column, by its SQL type with or without length (chorus-api.md 5.19; the set is inferred). */
export function typeCategory(dataType: string): string {
  const plain = dataType.toLowerCase().replace(/\([^()]*\)/, '');
  return CATEGORIES.find(([pattern]) => pattern.test(plain))?.[1] ?? 'OTHER';
}
