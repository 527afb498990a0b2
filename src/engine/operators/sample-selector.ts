import { OperatorFailed } from '../flow-plan.js';
import type { OperatorKind } from './operator.js';
import { preview } from './store.js';

/** Passes one of the samples on (operators.md 1.7). */
export const SAMPLE_SELECTOR: OperatorKind = {
  title: 'Sample Selector',
  description: 'Passes one of the samples on.',
  types: ['sampleselector'],
  inputs: { samples: { min: 1, max: 1 } },
  delivers: 'data',
  read(node) {
    const selected = node.required('selectedTable');
    return {
      does: 'procedure',
      outputs: [],
      *run({ samples }) {
        const dot = selected.indexOf('.');
        const [schema, table] = [selected.slice(0, dot), selected.slice(dot + 1)];
        const named = samples.find((one) => one.schema === schema && one.table === table);
        // The stored name may be of another schema or prefix; its number still says which sample was meant.
        const relation = named ?? samples[Number(/_(\d+)$/.exec(selected)?.[1] ?? NaN)];
        if (relation === undefined) {
          const there = samples.map((one) => `${one.schema}.${one.table}`).join(', ');
          throw new OperatorFailed(node.name, `sample "${selected}" is none of ${there}`);
        }
        const report = yield* preview(relation);
        return { delivery: { kind: 'data', relation }, report, rowCount: null };
      },
    };
  },
};
