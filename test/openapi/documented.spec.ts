import { describe, expect, it } from '@jest/globals';
import { Documentation } from '../support/documented.js';
import type { Answer } from '../support/test-client.js';

const RUN = '/api/workfiles/1000004/runs?page=2';
const PAGE = { page: 2, per_page: 50, records: 0, total: 1 };

function answer(json: unknown, status = 200, type = 'application/json; charset=utf-8'): Answer {
  const headers = new Headers({ 'content-type': type });
  return { status, headers, text: JSON.stringify(json), json, response: undefined };
}

describe('the check of answers against the document', () => {
  const documentation = new Documentation();
  const problems = (path: string, given: Answer) => documentation.problems('GET', path, given);

  it('takes what is documented', () => {
    expect(problems(RUN, answer({ response: [], pagination: PAGE }))).toEqual([]);
    expect(problems(RUN, answer({ errors: { record: 'NOT_FOUND' } }, 404))).toEqual([]);
    expect(problems(RUN, answer({}, 401))).toEqual([]);
  });

  it.each([
    ['a field that is not documented', { response: [], pagination: { ...PAGE, more: 1 } }],
    ['one on the top', { response: [], pagination: PAGE, more: 1 }],
    ['a missing field', { response: [], pagination: { page: 2, per_page: 50, records: 0 } }],
    ['a missing envelope', []],
    ['a wrong type', { response: [], pagination: { ...PAGE, page: '2' } }],
    ['a fraction', { response: [], pagination: { ...PAGE, page: 2.5 } }],
    ['an empty item', { response: [{}], pagination: PAGE }],
  ])('refuses %s', (_title, json) => {
    expect(problems(RUN, answer(json))).not.toEqual([]);
  });

  it('refuses statuses, types and routes that are not documented', () => {
    const page = { response: [], pagination: PAGE };
    expect(problems(RUN, answer(page, 201))).not.toEqual([]);
    expect(problems(RUN, answer(page, 200, 'text/html'))).not.toEqual([]);
    expect(problems('/api/nothing', answer(page))).not.toEqual([]);
  });
});
