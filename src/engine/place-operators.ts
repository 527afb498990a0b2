import type { RunLocation } from '../runs/run-snapshot.js';
import type { AfmDocument } from './afm/afm-document.js';
import { type Placement, placementOf } from './afm/place-data-sources.js';
import type { FlowNode } from './flow-node.js';
import type { FlowProblem, ProblemKind } from './flow-plan.js';

const DATA_SOURCE = 'dbConnectionName';

/**
 * Gives every operator the database it runs in: its own, or that of its inputs, which must be one. Only what copies may
 * have its input elsewhere.
 */
export function placeOperators(
  document: AfmDocument,
  nodes: readonly (FlowNode | null)[],
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
    const report = (message: string, kind: ProblemKind = 'invalid') =>
      problems.push({ operator: node.operator.name, parameter: DATA_SOURCE, message, kind });
    const producers = (flow.inputs[index] ?? []).flatMap((i) => nodes[i] ?? []);
    const inputs = producers.filter(handsOn).flatMap(({ location }) => location ?? []);
    if (new Set(inputs.map(({ databaseId }) => databaseId)).size > 1)
      report(`its inputs are in different databases: ${inputs.map(shown).join(', ')}`);
    const [input = null] = inputs;
    const place = placeOf(node, input, producers[0]?.location ?? null, placement);
    if (typeof place === 'string') report(place, 'not_here');
    else node.location = place;
    const { location } = node;
    if (!location || !input || location.databaseId === input.databaseId) continue;
    if (node.kind.crossesDatabases === true) node.inputLocation = input;
    else report(`it runs in ${shown(location)}, and its input is in ${shown(input)}`);
  }
}

/**
 * The place an operator names, if it is one to do so; else that of its input, else of what comes before it. A name that
 * nothing here goes by is ignored where an input tells more.
 * @returns the reason when it names none of the run's
 */
function placeOf(
  { operator, kind }: FlowNode,
  input: RunLocation | null,
  before: RunLocation | null,
  placement: Placement,
): RunLocation | string | null {
  const chooses = kind.placesItself === true || kind.crossesDatabases === true;
  if (chooses && operator.parameters.get(DATA_SOURCE)?.trim()) {
    const own = placement(operator);
    return typeof own === 'string' && input !== null && !kind.crossesDatabases ? input : own;
  }
  return input ?? before ?? (chooses ? placement(operator) : null);
}

/** Others come before by their links, and are no inputs (operators.md 0.2). */
function handsOn({ delivers }: FlowNode): boolean {
  return delivers !== 'nothing';
}

function shown({ dataSourceName, databaseName }: RunLocation): string {
  return `"${dataSourceName}"/"${databaseName}"`;
}
