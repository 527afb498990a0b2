/** The kinds of data source that can be registered: the wire's `entity_type` (chorus-api.md 5.6). */
export const DATA_SOURCE_KINDS = [
  'gpdb_data_source',
  'pg_data_source',
  'oracle_data_source',
  'jdbc_data_source',
  'jdbc_hive_data_source',
  'hawq_data_source',
  'hdfs_data_source',
] as const;

export type DataSourceKind = (typeof DATA_SOURCE_KINDS)[number];

interface KindFacts {
  /** As messages name it. */
  readonly label: string;
  /** True when this server can connect to it: tests, catalogue, SQL, runs. */
  readonly live: boolean;
  /** `data_source_provider` of the wire; null: the key is absent. */
  readonly provider: string | null;
  /** What must be given on creation, besides name and host. */
  readonly needs: { readonly port: boolean; readonly dbName: boolean; readonly account: boolean };
  /** Schemas that are never listed; those that begin with `pg_` are not either. */
  readonly hiddenSchemas: readonly string[];
}

const DATABASE_SERVER = { port: true, dbName: true, account: true };
const BY_URL = { port: false, dbName: false, account: true };

export const KIND_FACTS: Readonly<Record<DataSourceKind, KindFacts>> = {
  gpdb_data_source: {
    label: 'Greenplum',
    live: true,
    provider: 'Greenplum Database',
    needs: DATABASE_SERVER,
    hiddenSchemas: ['information_schema', 'gp_toolkit', 'gpperfmon'],
  },
  pg_data_source: {
    label: 'PostgreSQL',
    live: true,
    provider: 'PostgreSQL Database',
    needs: DATABASE_SERVER,
    hiddenSchemas: ['information_schema'],
  },
  oracle_data_source: {
    label: 'Oracle',
    live: false,
    provider: null,
    needs: DATABASE_SERVER,
    hiddenSchemas: [],
  },
  jdbc_data_source: {
    label: 'JDBC',
    live: false,
    provider: null,
    needs: BY_URL,
    hiddenSchemas: [],
  },
  jdbc_hive_data_source: {
    label: 'JDBC Hive',
    live: false,
    provider: null,
    needs: BY_URL,
    hiddenSchemas: [],
  },
  hawq_data_source: {
    label: 'HAWQ',
    live: false,
    provider: null,
    needs: DATABASE_SERVER,
    hiddenSchemas: [],
  },
  hdfs_data_source: {
    label: 'HDFS',
    live: false,
    provider: null,
    needs: { port: true, dbName: false, account: false },
    hiddenSchemas: [],
  },
};

/** Kinds whose host is a JDBC URL. */
export function isJdbc(kind: DataSourceKind): boolean {
  return kind === 'jdbc_data_source' || kind === 'jdbc_hive_data_source';
}

export function isDataSourceKind(value: unknown): value is DataSourceKind {
  return DATA_SOURCE_KINDS.some((kind) => kind === value);
}

/** Kinds at `/api/data_sources`; HDFS has an address of its own. */
export const DATABASE_KINDS: readonly DataSourceKind[] = DATA_SOURCE_KINDS.filter(
  (kind) => kind !== 'hdfs_data_source',
);
export const HDFS_KINDS: readonly DataSourceKind[] = ['hdfs_data_source'];
