import { ident } from '../../common/sql/sql.js';
import { OperatorFailed } from '../flow-plan.js';
import { assertColumns, onlyInput } from './input-columns.js';
import { CLASSIFIERS, type Model, MODEL_NAME } from './models/model.js';
import { scoredSelect, type Scoring, scoringOf } from './models/scoring.js';
import type { OperatorKind } from './operator.js';
import { MAX_NAME_BYTES, readOutput } from './read-output.js';
import { storeAndShow } from './store.js';

/** Adds what models say about each row (operators.md 2.4). */
function predictor(
  title: string,
  types: readonly string[],
  accepts: readonly Model['kind'][],
): OperatorKind {
  return {
    title,
    description: 'Adds the predictions of one or more models to the rows.',
    types,
    inputs: { data: { min: 1, max: 1 }, models: { min: 1, max: 16 } },
    delivers: 'data',
    read(node) {
      const output = readOutput(node);
      return {
        does: 'procedure',
        outputs: [output],
        *run({ data, models }, context) {
          const input = onlyInput(data);
          const wrong = models.filter(({ kind }) => !accepts.includes(kind));
          if (wrong.length > 0)
            throw new OperatorFailed(
              node.name,
              `it takes ${accepts.map((kind) => MODEL_NAME[kind]).join(' or ')} models, and ${wrong.map((one) => `"${one.name}" is ${MODEL_NAME[one.kind]}`).join(', ')}`,
            );
          const scorings = scoringsOf(models);
          const columns = input.columns.map(({ name }) => name);
          for (const { columns: wanted, shown } of scorings) {
            assertColumns(node.name, input, wanted);
            for (const { name } of shown) {
              if (columns.includes(name))
                throw new OperatorFailed(node.name, `the input has a column "${name}" already`);
              if (Buffer.byteLength(name) > MAX_NAME_BYTES)
                throw new OperatorFailed(node.name, `the name "${name}" is too long`);
            }
          }
          const select = scoredSelect(ident(input.schema, input.table), columns, scorings);
          return yield* storeAndShow(context, output, select);
        },
      };
    },
  };
}

/** Of several models of one kind, the second is marked `_1`, the third `_2` (operators.md 2.4). */
export function scoringsOf(models: readonly Model[]): Scoring[] {
  const seen = new Map<string, number>();
  return models.map((model, i) => {
    const before = seen.get(model.kind) ?? 0;
    seen.set(model.kind, before + 1);
    return scoringOf(model, i, before === 0 ? '' : `_${before}`);
  });
}

export const PREDICTOR = predictor(
  'Predictor',
  ['databasepredictor', 'predictor'],
  [...CLASSIFIERS, 'linear', 'kmeans'],
);
export const CLASSIFIER = predictor(
  'Classifier',
  ['databaseclassifier', 'classifier'],
  CLASSIFIERS,
);
