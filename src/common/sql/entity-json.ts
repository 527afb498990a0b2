import { getMetadataArgsStorage } from 'typeorm';

type EntityClass<T> = new () => T;

interface EntityColumn {
  readonly property: string;
  readonly column: string;
  readonly isTime: boolean;
}

/**
 * An SQL expression that gives one row of an entity as JSON, keyed by its properties; columns with `select: false`
 * (secrets, file contents) stay out. With it a whole graph comes in one prepared statement, without the cost of
 * TypeORM's joins.
 * @param alias of the entity's table in the statement
 */
export function entityJson(entity: EntityClass<unknown>, alias: string): string {
  const pairs = columnsOf(entity).map(
    ({ property, column }) => `'${property}', ${alias}.${column}`,
  );
  return `json_build_object(${pairs.join(', ')})`;
}

/** The entity out of what `entityJson` gave: JSON has no times, so they are made here. */
export function entityOf<T extends object>(entity: EntityClass<T>, json: object): T {
  const instance = Object.assign(new entity(), json) as Record<string, unknown>;
  for (const { property, isTime } of columnsOf(entity)) {
    const value = instance[property];
    if (isTime && typeof value === 'string') instance[property] = new Date(value);
  }
  return instance as T;
}

const columns = new Map<EntityClass<unknown>, readonly EntityColumn[]>();

function columnsOf(entity: EntityClass<unknown>): readonly EntityColumn[] {
  const known = columns.get(entity);
  if (known !== undefined) return known;
  const found = getMetadataArgsStorage()
    .columns.filter(({ target, options }) => target === entity && options.select !== false)
    .map(({ propertyName, options }) => ({
      property: propertyName,
      column: options.name ?? propertyName,
      isTime: options.type === 'timestamptz',
    }));
  columns.set(entity, found);
  return found;
}
