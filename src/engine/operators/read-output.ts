import type { NodeReader } from '../afm/node-reader.js';
import type { OutputTarget } from '../flow-plan.js';

// PostgreSQL cuts longer names silently, and two that differ at the end would be one (afm.md 6).
const MAX_NAME_BYTES = 63;

/** Where an operator stores its table (afm.md 3). */
export function readOutput(node: NodeReader): OutputTarget {
  const kind = (node.text('outputType') ?? 'TABLE').toUpperCase();
  if (kind !== 'TABLE' && kind !== 'VIEW')
    node.problem('outputType', `parameter "outputType" must be TABLE or VIEW, not "${kind}"`);
  const name = (key: string): string => {
    const value = node.required(key);
    if (Buffer.byteLength(value) > MAX_NAME_BYTES)
      node.problem(key, `the name "${value}" is longer than ${MAX_NAME_BYTES} bytes`);
    return value;
  };
  return {
    schema: name('outputSchema'),
    table: name('outputTable'),
    kind: kind === 'VIEW' ? 'VIEW' : 'TABLE',
    dropIfExist: node.yesNo('dropIfExist', true),
  };
}
