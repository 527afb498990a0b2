import { describe, expect, it } from '@jest/globals';
import { type Report, tableReport } from '../operators/report.js';
import { resultsDocument, type RunRecord, type StepRecord } from './results-document.js';

const AT = new Date('2026-07-01T12:00:00.123Z');

function step(position: number, report: Report): StepRecord {
  return {
    name: `op ${position}`,
    type: 'Random Sampling',
    status: 'finished',
    position,
    startedAt: AT,
    endedAt: AT,
    report,
    statements: [],
    databaseUrl: '',
    databaseUser: '',
  };
}

function run(steps: readonly StepRecord[]): RunRecord {
  return {
    id: 'r',
    workfileId: 1,
    flowName: 'flow',
    requestedBy: 2,
    status: 'succeeded',
    queuedAt: AT,
    startedAt: AT,
    endedAt: AT,
    error: null,
    steps,
    events: [],
  };
}

describe('resultsDocument', () => {
  it('gives every element and every part of one an id of its own', () => {
    const table = tableReport(['a'], []);
    const parts = Array.from({ length: 100 }, (_, i) => ({ title: `part ${i}`, report: table }));
    const nested: Report = {
      kind: 'composite',
      parts: [{ title: 'inner', report: { kind: 'composite', parts } }, ...parts],
    };
    const sent = JSON.stringify(
      resultsDocument(run([table, nested, nested].map((r, i) => step(i, r)))),
    );
    const ids: number[] = [];
    JSON.parse(sent, (key, value: unknown) => {
      if (key === 'out_id') ids.push(Number(value));
      return value;
    });
    expect(ids).toHaveLength(3 + 2 * 201);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => Math.floor(id) === AT.getTime())).toBe(true);
  });
});
