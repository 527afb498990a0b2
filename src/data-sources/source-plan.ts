import type { FieldErrors } from '../common/errors/domain-error.js';
import type { DataSource } from './data-source.entity.js';
import type { DataSourceDetails } from './data-source-details.js';
import { type DataSourceKind, KIND_FACTS } from './data-source-kinds.js';
import type { NewDataSourceDto } from './dto/data-source-attributes.dto.js';
import type { HdfsDataSourceAttributesDto } from './dto/hdfs-attributes.dto.js';
import { isBlank, sourceProblems } from './source-attributes.js';
import type { Credentials } from './source-test.js';

type PlannedColumns =
  | 'kind'
  | 'name'
  | 'host'
  | 'port'
  | 'dbName'
  | 'description'
  | 'ssl'
  | 'isHawq'
  | 'public'
  | 'details';

/** What a data source is to become. */
export interface SourcePlan {
  readonly values: Pick<DataSource, PlannedColumns>;
  /** `incomplete`, `disabled`, `enabled`, or the present one. */
  readonly state: string;
  /** New credentials of its owner; null: none are given. */
  readonly credentials: Credentials | null;
  /** The values hold only when there are none, and the attributes have the right types. */
  readonly problems: FieldErrors;
}

const HIVE_KEYS = [
  'hive',
  'hive_kerberos',
  'hive_kerberos_principal',
  'hive_hadoop_version',
  'hive_kerberos_keytab_location',
] as const;
const HDFS_KEYS = [
  'hdfs_version',
  'username',
  'group_list',
  'job_tracker_host',
  'job_tracker_port',
  'high_availability',
  'connection_parameters',
  'is_hdfs_hive',
  'hive_metastore_location',
] as const;

/**
 * @param current what is there; null: a new one. Only what is sent differs from it
 * @param dbUsername of its owner's account; sent back as it was printed, without a password, it changes nothing
 */
export function planDatabase(
  kind: DataSourceKind,
  sent: Partial<NewDataSourceDto>,
  current: DataSource | null,
  dbUsername: string | null = null,
): SourcePlan {
  const common = commonValues(kind, sent, current);
  const values = {
    ...common,
    dbName: 'db_name' in sent ? (sent.db_name ?? null) : (current?.dbName ?? null),
    ssl: sent.ssl ?? current?.ssl ?? false,
    isHawq: 'is_hawq' in sent ? (sent.is_hawq ?? null) : (current?.isHawq ?? null),
    public: sent.public ?? current?.public ?? false,
    details: kind === 'jdbc_hive_data_source' ? merged(HIVE_KEYS, sent, current) : {},
  };
  const state = stateOf(sent.state, current);
  const isAsPrinted =
    dbUsername !== null && sent.db_username === dbUsername && isBlank(sent.db_password);
  const { db_username: username, db_password: password } = isAsPrinted ? {} : sent;
  // One that was incomplete may have no account yet.
  const needsAccount =
    KIND_FACTS[kind].needs.account &&
    state !== 'incomplete' &&
    (current === null || username !== undefined || password !== undefined);
  return {
    values,
    state,
    credentials: isBlank(username) || isBlank(password) ? null : { username, password },
    problems: {
      ...sourceProblems({ ...values, state }, current?.state),
      ...(needsAccount && isBlank(username) && { db_username: { BLANK: {} } }),
      ...(needsAccount && isBlank(password) && { db_password: { BLANK: {} } }),
    },
  };
}

/** As `planDatabase`, for HDFS. */
export function planHdfs(
  sent: Partial<HdfsDataSourceAttributesDto>,
  current: DataSource | null,
): SourcePlan {
  const kind = 'hdfs_data_source';
  const details = merged(HDFS_KEYS, sent, current);
  const values = {
    ...commonValues(kind, sent, current),
    dbName: null,
    ssl: false,
    isHawq: null,
    public: false,
    details,
  };
  const state = stateOf(sent.state, current);
  const { port, ...problems } = sourceProblems({ ...values, state }, current?.state);
  return {
    values,
    state,
    credentials: null,
    problems: {
      ...problems,
      // The name service of a highly available one knows the ports.
      ...(port !== undefined && details.high_availability !== true && { port }),
      ...(state !== 'incomplete' &&
        isBlank(details.hdfs_version) && { hdfs_version: { BLANK: {} } }),
    },
  };
}

function commonValues(
  kind: DataSourceKind,
  sent: Partial<Pick<NewDataSourceDto, 'name' | 'host' | 'port' | 'description'>>,
  current: DataSource | null,
): Pick<DataSource, 'kind' | 'name' | 'host' | 'port' | 'description'> {
  return {
    kind,
    name: 'name' in sent ? (sent.name ?? '') : (current?.name ?? ''),
    host: 'host' in sent ? (sent.host ?? '') : (current?.host ?? ''),
    port: 'port' in sent ? (sent.port ?? null) : (current?.port ?? null),
    description:
      'description' in sent ? (sent.description ?? null) : (current?.description ?? null),
  };
}

function stateOf(sent: string | null | undefined, current: DataSource | null): string {
  return isBlank(sent) ? (current?.state ?? 'enabled') : sent;
}

function merged(
  keys: readonly (keyof DataSourceDetails)[],
  sent: Readonly<Partial<Record<string, unknown>>>,
  current: DataSource | null,
): DataSourceDetails {
  const entries = keys.flatMap((key) => {
    const value = key in sent ? sent[key] : current?.details[key];
    return value === undefined || value === '' ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
