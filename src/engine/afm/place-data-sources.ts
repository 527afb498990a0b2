import type { RunLocation } from '../../runs/run-snapshot.js';
import type { AfmDocument, AfmOperator } from './afm-document.js';

/** A place by its names. */
interface NamedPlace {
  readonly dataSourceName: string;
  readonly databaseName: string;
}

/** Says in which of the run's locations a data source of the file is (afm.md 5). */
export type Placement = (operator: AfmOperator) => RunLocation | string;

/**
 * The remapping rule: one location takes every name; of several the one with the same data source name, else with the
 * same database name, else the one at the same position. Addresses in the file are never connected to.
 * Of several databases of one data source, the name that is `wanted` decides, else the one in the file's address.
 */
export function nameResolver<P extends NamedPlace>(
  { dataSources, operators }: AfmDocument,
  locations: readonly P[],
): (name: string, database?: string) => P | undefined {
  const urls = new Map(
    dataSources.filter(({ type }) => type !== 'Hadoop').map(({ name, url }) => [name, url]),
  );
  const hadoop = new Set(
    dataSources.filter(({ type }) => type === 'Hadoop').map(({ name }) => name),
  );
  for (const operator of operators) {
    const name = operator.parameters.get('dbConnectionName')?.trim();
    if (name && !urls.has(name)) urls.set(name, operator.parameters.get('url') ?? '');
    const other = operator.parameters.get('connName')?.trim();
    if (other) hadoop.add(other);
  }
  const places = new Map(
    [...urls].map(([name, url], position) => [name, { database: databaseIn(url), position }]),
  );
  return (name, wanted = '') => {
    // Kinds must not mix: a Hadoop data source never becomes a database.
    if (hadoop.has(name) && !urls.has(name)) return undefined;
    if (locations.length === 1) return locations[0];
    const { database: own = '', position = -1 } = places.get(name) ?? {};
    const database = wanted === '' ? own : wanted;
    const same = locations.filter(({ dataSourceName }) => dataSourceName === name);
    return (
      same.find(({ databaseName }) => databaseName === database) ??
      same[0] ??
      locations.find(({ databaseName }) => databaseName === database) ??
      locations[position]
    );
  };
}

export function placementOf(document: AfmDocument, locations: readonly RunLocation[]): Placement {
  const find = nameResolver(document, locations);
  return ({ parameters }) => {
    const name = parameters.get('dbConnectionName')?.trim() ?? '';
    // Ours (inferred): the original names a data source only, which is one database to it.
    const location = find(name, parameters.get('databaseName')?.trim());
    if (location !== undefined) return location;
    if (locations.length === 0)
      return `data source "${name}": the workflow has no execution location to run in`;
    return `data source "${name}" is none of the workflow's execution locations`;
  };
}

/** The last part of `jdbc:postgresql://host:port/database?…`. */
function databaseIn(url: string): string {
  const [address = ''] = url.split(/[?;]/, 1);
  return address.includes('/') ? address.slice(address.lastIndexOf('/') + 1) : '';
}
