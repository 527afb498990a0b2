import { describe, expect, it } from '@jest/globals';
import { FragmentError, sqlFragment } from './sql-fragment.js';

describe('sqlFragment', () => {
  it.each([
    `5`,
    `'it''s; (fine'`,
    `"odd;)name" > 3`,
    `(a + b) * (c - d)`,
    `E'a\\'b;' || 'c'`,
    `$$ ; ) $$ || $tag$ $$ ; $tag$`,
    `a -> 'b' @> '{}'`,
    `price$1 = 2`,
    `case when x like'%;' then 1 end`,
  ])('lets through %s as it is', (text) => {
    expect(sqlFragment(text).text).toBe(text);
  });

  it.each([
    [`true; drop table t`, /";" is not allowed/],
    [`1) or (1=1`, /"\)" has no "\("/],
    [`(1`, /"\(" has no "\)"/],
    [`'open`, /' is not closed/],
    [`"open`, /" is not closed/],
    [`E'open\\'`, /' is not closed/],
    [`$a$ open $b$`, /\$a\$ is not closed/],
    [`1 -- rest`, /"--" comments/],
    [`1 /* rest`, /"\/\*" comments/],
    [`'a\\'; drop table t --'`, /";" is not allowed/],
  ])('refuses %s', (text, message) => {
    expect(() => sqlFragment(text)).toThrow(FragmentError);
    expect(() => sqlFragment(text)).toThrow(message);
  });
});
