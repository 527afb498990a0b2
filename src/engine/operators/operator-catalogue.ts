import { JOIN } from './join.js';
import type { OperatorKind } from './operator.js';
import { ROW_FILTER } from './row-filter.js';
import { TABLE_SOURCE } from './table-source.js';
import { VARIABLE } from './variable.js';

/** Every operator that this server executes, by the type names of files. Loading it fails when two claim a name. */
const CATALOGUE = catalogueOf([TABLE_SOURCE, ROW_FILTER, JOIN, VARIABLE]);

/**
 * @param type class name in the file
 * @returns the operator, or why it cannot run here
 */
export function findOperator(type: string): OperatorKind | string {
  const last = (type.split('.').at(-1) ?? '').replace(/operator$/i, '').toLowerCase();
  if (last.startsWith('hadoop') || /\.hadoop\./i.test(type))
    return `type "${type}" needs a Hadoop data source; this server runs database operators only`;
  return CATALOGUE.get(last) ?? `type "${type}" is not supported by this server`;
}

function catalogueOf(kinds: readonly OperatorKind[]): ReadonlyMap<string, OperatorKind> {
  const catalogue = new Map<string, OperatorKind>();
  for (const kind of kinds)
    for (const type of kind.types) {
      if (catalogue.has(type)) throw new Error(`two operators claim the type "${type}"`);
      catalogue.set(type, kind);
    }
  return catalogue;
}
