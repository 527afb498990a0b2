/** What only some kinds of data source have, by the names of the wire (chorus-api.md 5.6, 10.1). */
export interface DataSourceDetails {
  readonly hive?: boolean | null;
  readonly hive_kerberos?: boolean | null;
  readonly hive_kerberos_principal?: string | null;
  readonly hive_hadoop_version?: string | null;
  readonly hive_kerberos_keytab_location?: string | null;

  readonly hdfs_version?: string | null;
  readonly username?: string | null;
  readonly group_list?: string | null;
  readonly job_tracker_host?: string | null;
  readonly job_tracker_port?: number | null;
  readonly high_availability?: boolean | null;
  readonly connection_parameters?: readonly ConnectionParameter[] | null;
  readonly is_hdfs_hive?: boolean | null;
  readonly hive_metastore_location?: string | null;
}

export interface ConnectionParameter {
  readonly key: string;
  readonly value: string;
}
