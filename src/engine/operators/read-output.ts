import type { NodeReader } from '../afm/node-reader.js';
import type { OutputTarget } from '../flow-plan.js';

// PostgreSQL cuts longer names silently, and two that differ at the end would be one (afm.md 6).
export const MAX_NAME_BYTES = 63;

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
  return {
    schema: name('outputSchema'),
    table: name('outputTable', 'resultTableName', MAX_NAME_BYTES - suffixBytes),
    kind: kind === 'VIEW' ? 'VIEW' : 'TABLE',
    dropIfExist: node.yesNo('dropIfExist', true),
  };
}
