import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AfmElement } from '../../src/engine/afm/afm-document.js';
import { NodeReader } from '../../src/engine/afm/node-reader.js';
import type { Relation } from '../../src/engine/flow-plan.js';
import type { Model } from '../../src/engine/operators/models/model.js';
import type { OperatorContext, OperatorKind, Recipe } from '../../src/engine/operators/operator.js';
import type { Row } from '../../src/engine/operators/procedure.js';
import { dryRun } from './dry-run.js';

const GOLDEN = join(import.meta.dirname, '../golden/operators');

/** An operator as a file has it, and what is linked to it. */
export interface Case {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly models?: readonly AfmElement[];
  readonly inputs: readonly Relation[];
  /** Trained models that are linked to it. */
  readonly trained?: readonly Model[];
  readonly context?: Partial<OperatorContext>;
}

/** A table; columns without a type are text. */
export function relation(
  schema: string,
  table: string,
  columns: readonly string[] | Readonly<Record<string, string>>,
): Relation {
  const typed: [string, string][] = Array.isArray(columns)
    ? columns.map((name) => [name, 'text'])
    : Object.entries(columns);
  return { schema, table, kind: 'table', columns: typed.map(([name, type]) => ({ name, type })) };
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: AfmElement[]
): AfmElement {
  return { name, attributes, children, text: '' };
}

/** Reads a case's parameters, its output being `out.made`. */
export function readCase(
  kind: OperatorKind,
  { parameters = {}, models = [], inputs }: Case,
): { readonly node: NodeReader; readonly recipe: Recipe } {
  const node = new NodeReader({
    name: 'op',
    type: kind.types[0] ?? '',
    uuid: 'op',
    x: null,
    y: null,
    parameters: new Map(
      Object.entries({ outputSchema: 'out', outputTable: 'made', ...parameters }),
    ),
    models,
  });
  const recipe = kind.read(
    node,
    inputs.map(({ table }) => ({ name: table, uuid: table, delivers: 'data' as const })),
  );
  return { node, recipe };
}

/** What a procedure sends when its queries get these answers, one after the other. */
export async function sentSql(
  kind: OperatorKind,
  given: Case,
  answers: Row[][],
  relations: readonly Relation[] = [],
): Promise<string> {
  const { node, recipe } = readCase(kind, given);
  expect(node.problems).toEqual([]);
  if (recipe.does !== 'procedure') throw new Error(`${kind.title} is no procedure`);
  const inputs = { data: given.inputs, samples: [], models: given.trained ?? [] };
  const context = { name: 'op', downstreamOutputs: [], ...given.context };
  const { statements } = await dryRun(recipe.run(inputs, context), { answers, relations });
  return statements.join(';\n\n');
}

/** Compares with `test/golden/operators/<name>.sql`; `npm run golden:update` rewrites the files. */
export function golden(name: string, sql: string): void {
  const file = join(GOLDEN, `${name}.sql`);
  const text = `${sql}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
