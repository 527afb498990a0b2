import type { DataSource as OrmDataSource } from 'typeorm';

/** Stages of a project, in order (chorus-api.md 5.4); new workspaces begin in the first. */
const STAGES = [
  ['Define', 'Define the essential components of the project.'],
  ['Transform', 'Bring the data into the form the project needs.'],
  ['Model', 'Build and compare models.'],
  ['Deploy', 'Put the chosen model to work.'],
  ['Act', 'Act on the results and measure their effect.'],
] as const;

/** Rows that every installation needs. Leaves alone what is there. */
export async function seedReferenceData(orm: OrmDataSource): Promise<void> {
  await orm.query(
    `INSERT INTO workspace_stages (name, position, is_default, description_long, description_short)
     SELECT name, i - 1, i = 1, description, description
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS stage (name, description, i)
     WHERE NOT EXISTS (SELECT FROM workspace_stages)
     ON CONFLICT DO NOTHING`,
    [STAGES.map(([name]) => name), STAGES.map(([, description]) => description)],
  );
}
