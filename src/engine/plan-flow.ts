import { StatementFailed } from '../data-sources/connectors/connector.js';
import type { RunSnapshot } from '../runs/run-snapshot.js';
import type { AfmDocument, AfmOperator } from './afm/afm-document.js';
import { graphOf } from './afm/flow-graph.js';
import { readAfm } from './afm/read-afm.js';
import { VariableError, Variables } from './afm/variables.js';
import {
  FlowInvalid,
  type FlowPlan,
  type FlowProblem,
  OperatorFailed,
  type PlannedOperator,
} from './flow-plan.js';
import { type FlowNode, inputNode, readNode } from './flow-node.js';
import { NotFinite } from './operators/models/features.js';
import type { Delivery } from './operators/delivery.js';
import type { OperatorContext, Produced, Recipe } from './operators/operator.js';
import { deliver, type Procedure } from './operators/procedure.js';
import { countRows, existing, preview, storeAndShow } from './operators/store.js';
import { placeOperators } from './place-operators.js';

/** SQLSTATE insufficient_privilege. */
const FORBIDDEN = '42501';

/**
 * Reads and checks a whole flow; nothing is executed and no data source asked.
 * @throws FlowInvalid with every problem that can be seen so
 */
export function planFlow(snapshot: RunSnapshot): FlowPlan {
  const document = filled(readAfm(snapshot.afm), snapshot);
  const { inputs, order, problems: wrongLinks } = graphOf(document);
  const problems: FlowProblem[] = [...wrongLinks];
  if (document.operators.length === 0)
    problems.push({
      operator: null,
      parameter: null,
      message: 'the workflow has no operators',
      kind: 'not_here',
    });

  const nodes = document.operators.map((operator, i) => {
    const producers = (inputs[i] ?? []).flatMap((index) => document.operators[index] ?? []);
    return readNode(operator, producers.map(inputNode), problems);
  });
  placeOperators(document, nodes, { inputs, order, locations: snapshot.locations }, problems);
  problems.push(...collisions(nodes));
  if (problems.length > 0) throw new FlowInvalid(problems);
  return { operators: planned(nodes, inputs, order) };
}

function filled(document: AfmDocument, snapshot: RunSnapshot): AfmDocument {
  try {
    const variables = Variables.of(document.variables, snapshot.variables, snapshot);
    const fill = (operator: AfmOperator) => variables.fillOperator(withDefaults(operator));
    return { ...document, operators: document.operators.map(fill) };
  } catch (error) {
    if (!(error instanceof VariableError)) throw error;
    throw new FlowInvalid([{ operator: null, parameter: null, message: error.message }]);
  }
}

/** What the original fills in where a file says nothing (afm.md 3). */
function withDefaults(operator: AfmOperator): AfmOperator {
  const parameters = new Map([['outputSchema', '@default_schema'], ...operator.parameters]);
  return { ...operator, parameters };
}

/** Two outputs of one name, and outputs that would destroy what the flow reads. */
function collisions(nodes: readonly (FlowNode | null)[]): FlowProblem[] {
  const problems: FlowProblem[] = [];
  const writers = new Map<string, string>();
  const key = (node: FlowNode, { schema, table }: { schema: string; table: string }) =>
    JSON.stringify([node.location?.databaseId, schema, table]);
  const sources = new Map(
    nodes.flatMap((node) =>
      node?.recipe.does === 'read'
        ? [[key(node, node.recipe.source), node.operator.name] as const]
        : [],
    ),
  );
  for (const node of nodes) {
    if (node === null) continue;
    const { name } = node.operator;
    for (const output of node.outputs) {
      if (output.table === '') continue; // Its name is missing.
      const table = `"${output.schema}"."${output.table}"`;
      const id = key(node, output);
      const other = writers.get(id);
      const reader = sources.get(id);
      const fail = (message: string) =>
        problems.push({ operator: name, parameter: 'outputTable', message });
      if (other !== undefined) fail(`"${other}" also writes ${table}`);
      if (reader !== undefined) fail(`it would replace ${table}, which "${reader}" reads`);
      writers.set(id, name);
    }
  }
  return problems;
}

function planned(
  nodes: readonly (FlowNode | null)[],
  inputs: readonly (readonly number[])[],
  order: readonly number[],
): PlannedOperator[] {
  const positions = new Map(order.map((index, position) => [index, position]));
  const consumers = order.map(() => [] as number[]);
  inputs.forEach((producers, index) => {
    for (const producer of producers)
      consumers[positions.get(producer) ?? -1]?.push(positions.get(index) ?? -1);
  });
  const downstream = (position: number): number[] => {
    const found = new Set<number>();
    const visit = (at: number): void => {
      for (const next of consumers[at] ?? [])
        if (!found.has(next)) {
          found.add(next);
          visit(next);
        }
    };
    visit(position);
    return [...found].sort((a, b) => b - a);
  };
  const outputs = order.map((index) => nodes[index]?.outputs ?? []);
  return order.map((index, position) => {
    const node = nodes[index];
    if (!node?.location) throw new Error('an operator without problems has no place');
    const { operator, kind, recipe, delivers, location, inputLocation } = node;
    const { name, uuid } = operator;
    // Of a branch that goes on in another database, nothing can stand on what is here.
    const downstreamOutputs = downstream(position)
      .filter((later) => nodes[order[later] ?? -1]?.location?.databaseId === location.databaseId)
      .flatMap((later) => outputs[later] ?? []);
    const context = { name, downstreamOutputs, inputIsElsewhere: inputLocation !== null };
    return {
      position,
      uuid,
      name,
      type: kind.title,
      databaseId: location.databaseId,
      sourceDatabaseId: inputLocation?.databaseId ?? null,
      delivers,
      repeatable:
        (recipe.does === 'procedure' ? recipe.repeatable : null) ?? kind.repeatable ?? true,
      inputs: (inputs[index] ?? []).map((producer) => positions.get(producer) ?? -1),
      outputs: node.outputs,
      context,
      run: (given) => runOf(recipe, given, context),
    };
  });
}

function* runOf(
  recipe: Recipe,
  inputs: Parameters<PlannedOperator['run']>[0],
  context: OperatorContext,
): Procedure<Produced> {
  if (recipe.does === 'procedure') {
    try {
      return yield* recipe.run(inputs, context);
    } catch (error) {
      throw error instanceof NotFinite ? new OperatorFailed(context.name, error.message) : error;
    }
  }
  if (recipe.does === 'select')
    return yield* storeAndShow(
      context,
      recipe.output,
      recipe.compile(inputs.data),
      recipe.previewOrder,
    );
  const { schema, table } = recipe.source;
  const relation = yield* existing(context.name, schema, table);
  try {
    const shown = yield* preview(relation, 0);
    // Counting a large table takes its time; nobody downstream has to wait for that.
    const delivery: Delivery = { kind: 'data', relation };
    yield* deliver(delivery);
    const report = { ...shown, rowCount: yield* countRows(relation) };
    return { delivery, report, rowCount: null };
  } catch (error) {
    if (!(error instanceof StatementFailed) || error.sqlstate !== FORBIDDEN) throw error;
    // The data source names the table alone, or the schema alone.
    const message = `"${schema}"."${table}" may not be read: ${error.message}`;
    throw new StatementFailed(message, error.sqlstate, { cause: error });
  }
}
