import { describe, expect, it } from '@jest/globals';
import { safeHtml, safeJson } from './html.js';

describe('safeHtml', () => {
  it.each([
    ['plain', 'plain'],
    ['<b>bold</b> & <i>italic</i>', '<b>bold</b> &amp; <i>italic</i>'],
    ['1 < 2 > 0', '1 &lt; 2 &gt; 0'],
    ['<script>alert(1)</script>x', 'x'],
    ['<img src=x onerror=alert(1)>', '<img src="x" />'],
    ['<a href="javascript:alert(1)" title="t">a</a>', '<a title="t">a</a>'],
    [
      '<a href="https://example.org/?a=1&b=2">a</a>',
      '<a href="https://example.org/?a=1&amp;b=2">a</a>',
    ],
    ['<iframe src="x"></iframe><b>y', '<b>y</b>'],
    ['<svg><script>1</script></svg>', ''],
    ['<!-- --><style>p{}</style>', ''],
  ])('%s', (text, expected) => {
    expect(safeHtml(text)).toBe(expected);
    // What was printed and is sent back prints the same again.
    expect(safeHtml(expected)).toBe(expected);
  });

  it('leaves null alone', () => {
    expect(safeHtml(null)).toBeNull();
  });
});

it('safeJson cleans every string in it', () => {
  const value = { a: '<script>1</script>b', c: [1, null, { d: '<b>e</b>' }] };
  expect(safeJson(value)).toEqual({ a: 'b', c: [1, null, { d: '<b>e</b>' }] });
});
