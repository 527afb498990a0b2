import { describe, expect, it } from '@jest/globals';
import { sql } from '../common/sql/sql.js';
import {
  type GreenplumStorage,
  type OutputTarget,
  OperatorFailed,
  type RelationKind,
} from './flow-plan.js';
import { type ExistingView, storeStatements } from './store-output.js';

const target = (table: string, others: Partial<OutputTarget> = {}): OutputTarget => ({
  schema: 'out',
  table,
  kind: 'TABLE',
  dropIfExist: true,
  ...others,
});
const view = (table: string): ExistingView => ({ schema: 'out', table, kind: 'view' });

function statements(
  output: OutputTarget,
  existing: RelationKind | null = null,
  downstreamOutputs: readonly OutputTarget[] = [],
  views: readonly ExistingView[] = [],
  isGreenplum = false,
): string[] {
  return storeStatements({ name: 'op', output, downstreamOutputs }, sql`SELECT 1`, {
    kind: existing,
    views,
    isGreenplum,
  }).map(({ inlined }) => inlined.replace(/\n/g, ' '));
}

describe('storeStatements', () => {
  it('creates a table or a view', () => {
    expect(statements(target('t'))).toEqual(['CREATE TABLE "out"."t" AS SELECT 1']);
    expect(statements(target('v"', { kind: 'VIEW' }))).toEqual([
      'CREATE VIEW "out"."v""" AS SELECT 1',
    ]);
  });

  it.each([
    ['table', 'DROP TABLE "out"."t"'],
    ['view', 'DROP VIEW "out"."t"'],
    ['materialized view', 'DROP MATERIALIZED VIEW "out"."t"'],
    ['foreign table', 'DROP FOREIGN TABLE "out"."t"'],
  ] as const)('drops an old %s by its real kind', (kind, drop) => {
    expect(statements(target('t'), kind)[0]).toBe(drop);
  });

  it('drops the flow’s own views on it first, last first, and leaves others to the data source', () => {
    const later = [target('c'), target('b'), target('kept', { dropIfExist: false })];
    expect(
      statements(target('a'), 'table', later, [
        view('b'),
        view('c'),
        view('kept'),
        view('stranger'),
      ]),
    ).toEqual([
      'DROP VIEW IF EXISTS "out"."c"',
      'DROP VIEW IF EXISTS "out"."b"',
      'DROP TABLE "out"."a"',
      'CREATE TABLE "out"."a" AS SELECT 1',
    ]);
  });

  it.each<[string, GreenplumStorage | null, string]>([
    // A file that says nothing of it (afm.md 3).
    ['by default ', null, ' AS SELECT 1 DISTRIBUTED RANDOMLY'],
    ['', { appendOnly: null, distributedBy: [] }, ' AS SELECT 1 DISTRIBUTED RANDOMLY'],
    [
      'append-only ',
      { appendOnly: { columnar: false, compressionLevel: null }, distributedBy: ['a "b"', 'c'] },
      ' WITH (appendonly=true) AS SELECT 1 DISTRIBUTED BY ("a ""b""", "c")',
    ],
    [
      'compressed columns ',
      { appendOnly: { columnar: true, compressionLevel: 5 }, distributedBy: [] },
      ' WITH (appendonly=true, orientation=column, compresstype=zlib, compresslevel=5) AS SELECT 1 DISTRIBUTED RANDOMLY',
    ],
  ])('tells Greenplum how to store %sa table, and nobody else', (_how, storage, expected) => {
    const on = (kind: 'TABLE' | 'VIEW', isGreenplum: boolean) =>
      statements(
        target('t', { kind, ...(storage !== null && { storage }) }),
        null,
        [],
        [],
        isGreenplum,
      );
    expect(on('TABLE', true)).toEqual([`CREATE TABLE "out"."t"${expected}`]);
    expect(on('TABLE', false)).toEqual(['CREATE TABLE "out"."t" AS SELECT 1']);
    expect(on('VIEW', true)).toEqual(['CREATE VIEW "out"."t" AS SELECT 1']);
  });

  it('refuses what may not be dropped', () => {
    expect(() => statements(target('t', { dropIfExist: false }), 'table')).toThrow(OperatorFailed);
    expect(() => statements(target('t'), 'other')).toThrow('neither a table nor a view');
  });
});
