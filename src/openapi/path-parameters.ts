import type { Parameter } from './operations.js';

/** What the segment before an id holds. */
const THINGS: Readonly<Record<string, string>> = {
  data_sources: 'data source',
  databases: 'database',
  datasets: 'dataset',
  executions: 'execution',
  hdfs_data_sources: 'HDFS data source',
  members: 'account',
  previews: 'preview',
  processes: 'run',
  results: 'run',
  runs: 'run',
  schemas: 'schema',
  users: 'user',
  versions: 'version',
  workfile_versions: 'version',
  workfiles: 'workfile',
  workflows: 'workflow',
  workspaces: 'workspace',
};

const RECORD_ID = { type: 'integer', minimum: 1, maximum: 2_147_483_647 };

/** Ids are decimal integers, those of runs UUIDs; what cannot be one is not found (chorus-api.md 1.1). */
export function describePathParameter(path: string, parameter: Parameter): void {
  const segments = path.split('/');
  const before = segments[segments.indexOf(`{${parameter.name}}`) - 1] ?? '';
  const thing = THINGS[before];
  const schema = (parameter.schema ?? {}) as Record<string, unknown>;
  if (thing !== undefined) parameter.description ??= `Id of the ${thing}.`;
  if (schema['type'] === 'number') Object.assign(schema, RECORD_ID);
  schema['type'] ??= 'string';
  parameter.schema = schema;
}
