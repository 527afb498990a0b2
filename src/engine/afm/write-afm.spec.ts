import { describe, expect, it } from '@jest/globals';
import { writeAfm } from './write-afm.js';

const written = (key: string, value: string) =>
  writeAfm(`<Process><Parameter key="${key}" value="${value}"/></Process>`, {
    dataSource: (name) => `our ${name}`,
  }).split('\n')[1];

describe('a document that is written back', () => {
  it.each([
    [
      'jdbc:postgresql://db:5432/x?user=a&amp;password=marker',
      'jdbc:postgresql://db:5432/x?user=a&amp;password=',
    ],
    ['jdbc:postgresql://a:marker@db:5432/x', 'jdbc:postgresql://a@db:5432/x'],
    ['jdbc:postgresql://a:mar@k/er:@db:5432/x?user=b@c', 'jdbc:postgresql://a@db:5432/x?user=b@c'],
    ['jdbc:oracle:thin:a/marker@db:1521:x', 'jdbc:oracle:thin:a@db:1521:x'],
    [
      'jdbc:mysql://address=(host=db)(password=marker)(port=1)/x',
      'jdbc:mysql://address=(host=db)(password=)(port=1)/x',
    ],
    ['jdbc:sqlserver://db;user=a;pwd=marker;x=y', 'jdbc:sqlserver://db;user=a;pwd=;x=y'],
  ])('keeps no password of the address %s', (url, kept) => {
    expect(written('url', url)).toBe(`<Process><Parameter key="url" value="${kept}"/></Process>`);
  });

  it.each([
    'jdbc:postgresql://db.example.org:5432/sales?ssl=true',
    'jdbc:oracle:thin:@//db.example.org:1521/sales',
    'jdbc:hive2://db:10000/default;principal=hive/db@REALM',
    'jdbc:postgresql://[::1]:5432/sales',
  ])('keeps the address %s', (url) => {
    expect(written('url', url)).toBe(`<Process><Parameter key="url" value="${url}"/></Process>`);
  });

  // With a hundred thousand of each these once took minutes.
  it.each([
    ['a'.repeat(300_000)],
    ['password '.repeat(30_000)],
    ['//a:'.repeat(100_000)],
    [':a/'.repeat(100_000)],
    [`@?${'//a:'.repeat(100_000)}`],
    [';'.repeat(300_000)],
  ])('is done with a long address soon: %#', (url) => {
    const began = performance.now();
    expect(written('url', url)).toBe(`<Process><Parameter key="url" value="${url}"/></Process>`);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('keeps no password, and names data sources as they are called here', () => {
    expect(written('dbPassword', 'bWFya2Vy')).toBe('<Process/>'.replace('/>', '></Process>'));
    expect(written('dbConnectionName', 'x')).toContain('value="our x"');
  });
});
