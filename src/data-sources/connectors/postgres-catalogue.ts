import type pg from 'pg';
import type {
  Catalogue,
  ColumnFacts,
  RelationStatistics,
  SeenDataset,
  SeenObject,
  SeenSchema,
  ServerVersion,
} from './catalogue.js';
import { StatementFailed } from './connector.js';
import { named } from './postgres-error.js';

/** From this version on partitions are marked as such. */
const MARKS_PARTITIONS = 100_000;

const VERSION = `SELECT version() AS full_text, current_setting('server_version') AS server_version`;
const DATABASES = `SELECT datname AS name, has_database_privilege(oid, 'CONNECT') AS visible
  FROM pg_database WHERE datallowconn AND NOT datistemplate`;
// Of relations: tables (r), partitioned (p) and foreign (f) ones; views (v) and materialized ones (m).
const KIND = `CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END`;
const READABLE = `has_schema_privilege(c.relnamespace, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))`;
const relations = (version: number) => `c.relkind IN ('r', 'p', 'f', 'v', 'm')
  ${version >= MARKS_PARTITIONS ? 'AND NOT c.relispartition' : ''}`;
const schemas = (
  version: number,
) => `SELECT n.nspname AS name, has_schema_privilege(n.oid, 'USAGE') AS visible,
    (SELECT count(*)::int FROM pg_class c WHERE c.relnamespace = n.oid AND ${relations(version)}) AS datasets
  FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> ALL ($1::text[])`;
const datasets = (
  version: number,
) => `SELECT c.relname AS name, ${KIND} AS kind, ${READABLE} AS visible
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND ${relations(version)}`;
const RELATION = `SELECT c.oid::int8::text AS oid, ${KIND} AS kind, ${READABLE} AS visible
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')`;
const COLUMNS = `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS data_type,
    col_description(a.attrelid, a.attnum) AS description
  FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
const statistics = (
  sizes: boolean,
) => `SELECT CASE WHEN c.relkind NOT IN ('v', 'f') AND c.reltuples >= 0
        AND (c.reltuples > 0 OR s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL)
      THEN c.reltuples::float8 END AS rows,
    (SELECT count(*)::int FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    obj_description(c.oid, 'pg_class') AS description, greatest(s.last_analyze, s.last_autoanalyze) AS last_analyzed,
    (SELECT count(*)::int FROM pg_inherits i WHERE i.inhparent = c.oid) AS partitions,
    CASE WHEN ${String(sizes)} AND c.relkind NOT IN ('v', 'f') THEN (WITH RECURSIVE part AS (
        SELECT c.oid AS id UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN part ON part.id = i.inhparent)
      SELECT sum(pg_total_relation_size(id))::float8 FROM part) END AS size_bytes,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END AS definition
  FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = $1::oid`;
const SIZES = `SELECT n.nspname AS name, coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes
  FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm')
  WHERE n.nspname = ANY ($1::text[]) GROUP BY 1`;
const TYPE_NAMES = `SELECT format_type(f.id, f.modifier) AS data_type
  FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS f (id, modifier, i) ORDER BY f.i`;

const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';

interface RelationRow {
  oid: string;
  kind: 'table' | 'view';
  visible: boolean | null;
}

interface ColumnRow {
  name: string;
  data_type: string;
  description: string | null;
}

interface StatisticsRow {
  rows: number | null;
  columns: number;
  description: string | null;
  last_analyzed: Date | null;
  partitions: number;
  size_bytes: number | null;
  definition: string | null;
}

/** Asks the system catalogue over one short-lived connection, one question after the other. */
export class PostgresCatalogue implements Catalogue {
  constructor(
    private readonly client: pg.Client,
    private readonly options: {
      /** `server_version_num` */
      readonly version: number;
      readonly hiddenSchemas: readonly string[];
    },
  ) {}

  async version(): Promise<ServerVersion> {
    const [row] = await this.rows<{ full_text: string; server_version: string }>(VERSION);
    const { full_text: full = '', server_version: server = '' } = row ?? {};
    const distribution = /\(?(Greenplum Database|HAWQ) ([^)]+)\)?/.exec(full)?.[2];
    return { text: (distribution ?? server).slice(0, 256), isHawq: /\bHAWQ\b/.test(full) };
  }

  databases(): Promise<readonly SeenObject[]> {
    return this.rows<SeenObject>(DATABASES);
  }

  schemas(): Promise<readonly SeenSchema[]> {
    const { version, hiddenSchemas } = this.options;
    return this.rows<SeenSchema>(schemas(version), [hiddenSchemas]);
  }

  datasets(schema: string): Promise<readonly SeenDataset[]> {
    return this.rows<SeenDataset>(datasets(this.options.version), [schema]);
  }

  async columns(schema: string, name: string): Promise<readonly ColumnFacts[] | null> {
    const relation = await this.relation(schema, name);
    if (relation === null) return null;
    const rows = await this.rows<ColumnRow>(COLUMNS, [relation.oid]);
    return rows.map(({ name: column, data_type: dataType, description }) => ({
      name: column,
      dataType,
      description,
    }));
  }

  async queryColumns(query: string): Promise<readonly ColumnFacts[]> {
    // Read only: whoever wrote the query is not who looks at it. No row is wanted, so that nothing of it is computed.
    await this.ask('BEGIN READ ONLY', []);
    try {
      const { fields } = await this.ask(
        `SELECT * FROM (${query}\n) AS described LIMIT 0`,
        [],
        true,
      );
      const types = await this.rows<{ data_type: string }>(TYPE_NAMES, [
        fields.map(({ dataTypeID }) => dataTypeID),
        fields.map(({ dataTypeModifier }) => dataTypeModifier),
      ]);
      return fields.map(({ name }, i) => ({
        name,
        dataType: types[i]?.data_type ?? '',
        description: null,
      }));
    } finally {
      await this.client.query('ROLLBACK').catch(() => undefined);
    }
  }

  async statistics(schema: string, name: string): Promise<RelationStatistics | null> {
    const relation = await this.relation(schema, name);
    if (relation === null) return null;
    const ask = (sizes: boolean) =>
      this.rows<StatisticsRow>(statistics(sizes), [relation.oid]).then(([row]) => row);
    const row = await ask(true).catch((error: unknown) => {
      // Nobody may look at the size of what a flow has to itself.
      if (error instanceof StatementFailed && error.sqlstate === LOCK_NOT_AVAILABLE)
        return ask(false);
      throw error;
    });
    if (row === undefined) return null;
    return {
      kind: relation.kind,
      rows: row.rows,
      columns: row.columns,
      description: row.description,
      lastAnalyzed: row.last_analyzed,
      sizeBytes: row.size_bytes,
      partitions: row.partitions,
      definition: row.definition,
    };
  }

  async schemaSizes(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.rows<{ name: string; bytes: number }>(SIZES, [names]);
    return new Map(rows.map(({ name, bytes }) => [name, bytes]));
  }

  private async relation(schema: string, name: string): Promise<RelationRow | null> {
    const [relation] = await this.rows<RelationRow>(RELATION, [schema, name]);
    // Only what is not there is gone; a privilege is null of what goes away at this moment.
    if (relation?.visible === false)
      throw new StatementFailed(`permission denied for ${name}`, INSUFFICIENT_PRIVILEGE);
    return relation ?? null;
  }

  private async rows<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return (await this.ask<Row>(text, values)).rows;
  }

  private async ask<Row extends object>(
    text: string,
    values: readonly unknown[],
    extended = false,
  ): Promise<pg.QueryResult<Row & pg.QueryResultRow>> {
    try {
      // The extended protocol takes one statement a call.
      return await this.client.query<Row & pg.QueryResultRow>({
        text,
        values: [...values],
        ...(extended && { queryMode: 'extended' }),
      } as pg.QueryConfig);
    } catch (error) {
      throw named(error);
    }
  }
}
