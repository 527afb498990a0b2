import { describe, expect, it } from '@jest/globals';
import { named, number, tableReport } from './report.js';

describe('tableReport', () => {
  const headings = (...columns: Parameters<typeof tableReport>[0]) =>
    tableReport(columns, []).columns;

  it('keeps the names of figures, and lets those of the data give way', () => {
    expect(headings(named('count'), named('min'), number('count'))).toEqual([
      'count_1',
      'min',
      'count',
    ]);
    expect(headings('column', named('column', 'number'), named('a'))).toEqual([
      'column',
      'column_1',
      'a',
    ]);
  });

  it('takes no name that another column has', () => {
    expect(headings(number('count'), named('count'), named('count_1'))).toEqual([
      'count',
      'count_2',
      'count_1',
    ]);
    expect(headings(named('a'), named('a'), named('a'))).toEqual(['a', 'a_1', 'a_2']);
  });

  it('leaves types and rows as they are', () => {
    expect(tableReport([named('n', 'number'), number('n')], [[1, 2]])).toMatchObject({
      columns: ['n_1', 'n'],
      types: ['number', 'number'],
      rows: [['1', '2']],
    });
  });
});
