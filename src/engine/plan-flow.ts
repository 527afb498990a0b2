import type { RunLocation, RunSnapshot } from '../runs/run-snapshot.js';
import type { AfmDocument, AfmOperator } from './afm/afm-document.js';
import { graphOf } from './afm/flow-graph.js';
import { NodeReader } from './afm/node-reader.js';
import { placementOf } from './afm/place-data-sources.js';
import { readAfm } from './afm/read-afm.js';
import { VariableError, Variables } from './afm/variables.js';
import {
  FlowInvalid,
  type FlowPlan,
  type FlowProblem,
  type OutputTarget,
  type PlannedOperator,
} from './flow-plan.js';
import { findOperator } from './operators/operator-catalogue.js';
import type { Recipe } from './operators/operator.js';
import { readOutput } from './operators/read-output.js';

const DATA_SOURCE = 'dbConnectionName';

/** An operator with everything but its place in the order. */
interface Node {
  readonly operator: AfmOperator;
  readonly title: string;
  readonly recipe: Recipe;
  readonly output: OutputTarget | null;
  /** Null when it has none of its own and its inputs have none. */
  location: RunLocation | null;
}

/**
 * Reads and checks a whole flow; nothing is executed and no data source asked.
 * @throws FlowInvalid with every problem that can be seen so
 */
export function planFlow(snapshot: RunSnapshot): FlowPlan {
  const document = filled(readAfm(snapshot.afm), snapshot);
  const { inputs, order, problems: wrongLinks } = graphOf(document);
  const problems: FlowProblem[] = [...wrongLinks];
  const add = (operator: string | null, parameter: string | null, message: string) =>
    problems.push({ operator, parameter, message });
  if (document.operators.length === 0) add(null, null, 'the workflow has no operators');

  const nodes = document.operators.map((operator, i) => {
    const producers = (inputs[i] ?? []).flatMap((index) => document.operators[index] ?? []);
    return read(operator, producers, problems);
  });
  place(document, nodes, { inputs, order, locations: snapshot.locations }, problems);
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

/** Null when it cannot be run; why is in the problems. */
function read(
  operator: AfmOperator,
  producers: readonly AfmOperator[],
  problems: FlowProblem[],
): Node | null {
  const reader = new NodeReader(operator);
  const kind = findOperator(operator.type);
  if (typeof kind === 'string') {
    reader.problem('type', kind);
    problems.push(...reader.problems);
    return null;
  }
  const { min, max } = kind.inputs;
  const { length } = producers;
  if (length < min || length > max) {
    const needed = min === max ? `exactly ${min}` : `${min} to ${max}`;
    reader.problem(null, `${kind.title} takes ${needed} inputs and has ${length}`);
  }
  const recipe = kind.read(reader, producers);
  const output = recipe.compile === null ? null : readOutput(reader);
  problems.push(...reader.problems);
  return { operator, title: kind.title, recipe, output, location: null };
}

/** Gives every operator the database it runs in: its own, or that of its inputs, which must be one. */
function place(
  document: AfmDocument,
  nodes: readonly (Node | null)[],
  flow: {
    readonly inputs: readonly (readonly number[])[];
    readonly order: readonly number[];
    readonly locations: readonly RunLocation[];
  },
  problems: FlowProblem[],
): void {
  const placement = placementOf(document, flow.locations);
  for (const index of flow.order) {
    const node = nodes[index];
    if (!node) continue;
    const { operator, recipe } = node;
    if (recipe.source !== null) {
      const location = placement(operator);
      if (typeof location !== 'string') node.location = location;
      else problems.push({ operator: operator.name, parameter: DATA_SOURCE, message: location });
      continue;
    }
    const places = (flow.inputs[index] ?? []).flatMap((i) => nodes[i]?.location ?? []);
    node.location = places[0] ?? null;
    if (new Set(places.map(({ databaseId }) => databaseId)).size > 1)
      problems.push({
        operator: operator.name,
        parameter: DATA_SOURCE,
        message: `its inputs are in different databases: ${places.map((p) => `"${p.dataSourceName}"/"${p.databaseName}"`).join(', ')}`,
      });
  }
}

/** Two outputs of one name, and outputs that would destroy what the flow reads. */
function collisions(nodes: readonly (Node | null)[]): FlowProblem[] {
  const problems: FlowProblem[] = [];
  const writers = new Map<string, string>();
  const key = (node: Node, { schema, table }: { schema: string; table: string }) =>
    JSON.stringify([node.location?.databaseId, schema, table]);
  const sources = new Map(
    nodes.flatMap((node) =>
      node?.recipe.source ? [[key(node, node.recipe.source), node.operator.name] as const] : [],
    ),
  );
  for (const node of nodes) {
    if (!node?.output) continue;
    const { name } = node.operator;
    const table = `"${node.output.schema}"."${node.output.table}"`;
    const id = key(node, node.output);
    const other = writers.get(id);
    const reader = sources.get(id);
    const fail = (message: string) =>
      problems.push({ operator: name, parameter: 'outputTable', message });
    if (other !== undefined) fail(`"${other}" also writes ${table}`);
    if (reader !== undefined) fail(`it would replace ${table}, which "${reader}" reads`);
    writers.set(id, name);
  }
  return problems;
}

function planned(
  nodes: readonly (Node | null)[],
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
  const outputs = order.map((index) => nodes[index]?.output ?? null);
  return order.map((index, position) => {
    const node = nodes[index];
    if (!node?.location) throw new Error('an operator without problems has no place');
    const { operator, title, recipe, output, location } = node;
    const { compile, source } = recipe;
    return {
      position,
      uuid: operator.uuid,
      name: operator.name,
      type: title,
      databaseId: location.databaseId,
      inputs: (inputs[index] ?? []).map((producer) => positions.get(producer) ?? -1),
      source,
      output,
      downstreamOutputs: downstream(position).flatMap((later) => outputs[later] ?? []),
      compile: (relations) => {
        if (compile === null) throw new Error(`operator "${operator.name}" stores nothing`);
        return compile(relations);
      },
    };
  });
}
