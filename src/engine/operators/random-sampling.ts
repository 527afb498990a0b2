import { sql } from '../../common/sql/sql.js';
import type { OutputTarget, Relation } from '../flow-plan.js';
import { assertColumns, fromInput, onlyInput } from './input-columns.js';
import { ONE_DATA_SET, type OperatorKind } from './operator.js';
import { execute, query } from './procedure.js';
import { readOutput } from './read-output.js';
import type { CompositeReport } from './report.js';
import { boundsOf, RANKED, ranked, sampleOf, samplingOf } from './sampling.js';
import { storeAndShow } from './store.js';

/** Draws one or more samples of rows (operators.md 1.6): one ranked pass, then a table per sample. */
function sampler(
  kind: Pick<OperatorKind, 'title' | 'description' | 'types'>,
  isStratified: boolean,
): OperatorKind {
  return {
    ...kind,
    inputs: ONE_DATA_SET,
    delivers: 'samples',
    read(node) {
      const sampling = samplingOf(node, isStratified ? node.required('samplingColumn') : null);
      const base = readOutput(node, { always: 'TABLE', suffixBytes: 4 });
      const outputs = sampling.sizes.map((_, i): OutputTarget => ({
        ...base,
        table: base.table && `${base.table}_${i}`,
      }));
      return {
        does: 'procedure',
        outputs,
        *run({ data }, context) {
          const input = onlyInput(data);
          const { keys, stratum, seed, consistent, disjoint } = sampling;
          assertColumns(node.name, input, [...keys, ...(stratum === null ? [] : [stratum])]);
          const [counted] = yield* query<{ n: string }>(
            sql`SELECT count(*) AS n ${fromInput(input)}`,
          );
          const total = Number(counted?.n ?? 0);
          const bounds = boundsOf(node.name, sampling, total);
          const samples: Relation[] = [];
          const parts: CompositeReport['parts'][number][] = [];
          let rows = 0;
          if (seed !== null && !consistent) yield* query(sql`SELECT setseed(${seed})`);
          for (const [i, output] of outputs.entries()) {
            if (i === 0 || !disjoint) {
              if (i > 0) yield* execute(sql`DROP TABLE ${RANKED}`);
              yield* execute(ranked(input, sampling, disjoint ? 0 : i));
            }
            const select = sampleOf(input, sampling, i, total, bounds[i] ?? [0, 0]);
            const stored = yield* storeAndShow(context, output, select);
            if (stored.delivery.kind === 'data') samples.push(stored.delivery.relation);
            rows += stored.rowCount ?? 0;
            parts.push({ title: output.table, report: stored.report });
          }
          yield* execute(sql`DROP TABLE ${RANKED}`);
          return {
            delivery: { kind: 'samples', samples },
            report: { kind: 'composite', parts },
            rowCount: rows,
          };
        },
      };
    },
  };
}

export const RANDOM_SAMPLING = sampler(
  {
    title: 'Random Sampling',
    description: 'Draws random samples of rows.',
    types: ['randomsampling'],
  },
  false,
);

/** As random sampling, every value of a column having its share of each sample (operators.md 2.8). */
export const STRATIFIED_SAMPLING = sampler(
  {
    title: 'Stratified Sampling',
    description: 'Draws random samples that keep the proportions of a column.',
    types: ['stratifiedsampling'],
  },
  true,
);
