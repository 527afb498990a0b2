import { repeated } from '../../common/repeated.js';
import type { NodeReader } from '../afm/node-reader.js';
import type { GreenplumStorage, OutputTarget } from '../flow-plan.js';
import { attributeOf } from './input-columns.js';

// PostgreSQL cuts longer names silently, and two that differ at the end would be one (afm.md 6).
export const MAX_NAME_BYTES = 63;

/** Reports names of output columns that are there twice, or that PostgreSQL would cut. */
export function checkNames(node: NodeReader, parameter: string, names: readonly string[]): void {
  for (const name of repeated(names))
    node.problem(parameter, `output column "${name}" is there twice`);
  for (const name of names)
    if (Buffer.byteLength(name) > MAX_NAME_BYTES)
      node.problem(parameter, `the name "${name}" is longer than ${MAX_NAME_BYTES} bytes`);
}

/** Where an operator stores its table (afm.md 3). */
export function readOutput(
  node: NodeReader,
  { always, suffixBytes = 0 }: { readonly always?: 'TABLE'; readonly suffixBytes?: number } = {},
): OutputTarget {
  const kind = always ?? (node.text('outputType', 'viewOrTable') ?? 'TABLE').toUpperCase();
  if (kind !== 'TABLE' && kind !== 'VIEW')
    node.problem('outputType', `parameter "outputType" must be TABLE or VIEW, not "${kind}"`);
  const name = (key: string, alias = key, room = MAX_NAME_BYTES): string => {
    const value = node.text(alias) ?? node.required(key);
    if (Buffer.byteLength(value) > room)
      node.problem(key, `the name "${value}" is longer than ${room} bytes`);
    return value;
  };
  const storage = storageOf(node);
  return {
    schema: name('outputSchema'),
    table: name('outputTable', 'resultTableName', MAX_NAME_BYTES - suffixBytes),
    kind: kind === 'VIEW' ? 'VIEW' : 'TABLE',
    dropIfExist: node.yesNo('dropIfExist', true),
    ...(storage !== null && { storage }),
  };
}

/**
 * `StorageParameters` (afm.md 3). Column storage and compression need append-only storage; how a list of columns to
 * distribute by is written is inferred.
 */
function storageOf(node: NodeReader): GreenplumStorage | null {
  const model = node.model('StorageParameters');
  if (model === null) return null;
  const isSet = (name: string) => /^(yes|true)$/i.test(attributeOf(model.attributes, name) ?? '');
  const level = attributeOf(model.attributes, 'compressionLevel') ?? '1';
  const isCompressed = isSet('appendOnly') && isSet('compression');
  if (isCompressed && !/^[1-9]$/.test(level))
    node.problem('StorageParameters', `compressionLevel must be 1 to 9, not "${level}"`);
  const listed =
    attributeOf(model.attributes, 'distributedBy', 'distributionColumns', 'distributedColumns') ??
    '';
  const columns = listed
    .split(',')
    .map((column) => column.trim())
    .filter((column) => column !== '');
  return {
    appendOnly: isSet('appendOnly')
      ? {
          columnar: isSet('columnarStorage'),
          compressionLevel: isCompressed ? Number(level) : null,
        }
      : null,
    distributedBy: isSet('isDistributedRandomly') ? [] : columns,
  };
}
