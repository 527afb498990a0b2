import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Data sources of every kind, accounts that outlive their removal, what each account sees, and ad-hoc SQL. */
export class DataSources1795650000000 implements MigrationInterface {
  readonly name = 'DataSources1795650000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SOURCES);
    await runner.query(ACCOUNTS);
    await runner.query(SIGHTS);
    await runner.query(EXECUTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE sql_executions, catalogue_sights;
      DROP INDEX data_source_accounts_data_source_id_owner_id_key;
      ALTER TABLE data_source_accounts DROP CONSTRAINT data_source_accounts_password_check;
      DELETE FROM data_source_accounts WHERE deleted_at IS NOT NULL;
      ALTER TABLE data_source_accounts DROP COLUMN deleted_at, DROP COLUMN original_id,
        ALTER COLUMN db_password_encrypted SET NOT NULL,
        ADD CONSTRAINT data_source_accounts_data_source_id_owner_id_key UNIQUE (data_source_id, owner_id);
      DELETE FROM data_sources WHERE kind IN ('hawq_data_source', 'hdfs_data_source');
      ALTER TABLE data_sources DROP COLUMN details, DROP COLUMN auto_refresh, DROP COLUMN moving_until,
        DROP COLUMN looked_at, DROP COLUMN look_claimed_until, DROP CONSTRAINT data_sources_kind_check,
        ADD CONSTRAINT data_sources_kind_check CHECK (kind IN
          ('gpdb_data_source', 'pg_data_source', 'oracle_data_source', 'jdbc_data_source', 'jdbc_hive_data_source'));
    `);
  }
}

const SOURCES = `
ALTER TABLE data_sources
  DROP CONSTRAINT data_sources_kind_check,
  ADD CONSTRAINT data_sources_kind_check CHECK (kind IN ('gpdb_data_source', 'pg_data_source', 'oracle_data_source',
    'jdbc_data_source', 'jdbc_hive_data_source', 'hawq_data_source', 'hdfs_data_source')),
  -- What only some kinds have (HDFS, Hive), by the names of the wire.
  ADD COLUMN details jsonb NOT NULL DEFAULT '{}',
  -- False: nobody looks at it unasked; state, version and catalogue stay as they were last recorded.
  ADD COLUMN auto_refresh boolean NOT NULL DEFAULT true,
  -- While it lies ahead, no session is opened: the address is about to change.
  ADD COLUMN moving_until timestamptz,
  -- Last look in the background, and which process is at it until when.
  ADD COLUMN looked_at timestamptz,
  ADD COLUMN look_claimed_until timestamptz;
-- The source of the documented world shows what the documentation shows.
UPDATE data_sources SET auto_refresh = false WHERE version = '9.1.2 - FactoryVersion';
`;

const ACCOUNTS = `
ALTER TABLE data_source_accounts
  DROP CONSTRAINT data_source_accounts_data_source_id_owner_id_key,
  -- Removed or replaced. The row stays for the sessions that name it, the password until they are over.
  ADD COLUMN deleted_at timestamptz,
  -- The first row of the same account, whose id the wire shows; null for the first itself.
  ADD COLUMN original_id integer,
  ALTER COLUMN db_password_encrypted DROP NOT NULL,
  ADD CONSTRAINT data_source_accounts_password_check
    CHECK (deleted_at IS NOT NULL OR db_password_encrypted IS NOT NULL);
CREATE UNIQUE INDEX data_source_accounts_data_source_id_owner_id_key ON data_source_accounts (data_source_id, owner_id)
  WHERE deleted_at IS NULL;
`;

const SIGHTS = `
-- What an account saw when it last looked: ids of databases in a data source, of schemas in a database, of datasets in a
-- schema. What exists is in those tables; what of it may be listed for an account is here.
CREATE TABLE catalogue_sights (
  account_id integer NOT NULL CONSTRAINT catalogue_sights_account_id_fkey
    REFERENCES data_source_accounts ON DELETE CASCADE,
  place varchar(16) NOT NULL CONSTRAINT catalogue_sights_place_check
    CHECK (place IN ('data_source', 'database', 'schema')),
  place_id integer NOT NULL,
  seen_ids integer[] NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT catalogue_sights_pkey PRIMARY KEY (account_id, place, place_id)
);
`;

const EXECUTIONS = `
-- One row per ad-hoc SQL text or preview, committed before its session is opened. It has ended when no session of it is
-- left in the data source, never before.
CREATE TABLE sql_executions (
  id uuid CONSTRAINT sql_executions_pkey PRIMARY KEY,
  -- The client's name for it.
  check_id varchar(255) NOT NULL,
  user_id integer NOT NULL CONSTRAINT sql_executions_user_id_fkey REFERENCES users,
  workfile_id integer CONSTRAINT sql_executions_workfile_id_fkey REFERENCES workfiles,
  dataset_id integer CONSTRAINT sql_executions_dataset_id_fkey REFERENCES datasets,
  database_id integer NOT NULL CONSTRAINT sql_executions_database_id_fkey REFERENCES databases,
  account_id integer NOT NULL CONSTRAINT sql_executions_account_id_fkey REFERENCES data_source_accounts,
  process_id varchar(128) NOT NULL,
  lease_until timestamptz NOT NULL,
  backend_pid integer,
  backend_start timestamptz,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  cancel_requested_at timestamptz,
  cancel_requested_by integer CONSTRAINT sql_executions_cancel_requested_by_fkey REFERENCES users,
  cancel_reason varchar(16) CONSTRAINT sql_executions_cancel_reason_check
    CHECK (cancel_reason IN ('asked', 'client_gone', 'timeout', 'revoked', 'shutdown', 'orphaned')),
  last_error text,
  ended_at timestamptz,
  outcome varchar(16) CONSTRAINT sql_executions_outcome_check
    CHECK (outcome IN ('committed', 'rolled_back', 'unknown', 'never_started')),
  CONSTRAINT sql_executions_about_check CHECK (num_nonnulls(workfile_id, dataset_id) = 1),
  CONSTRAINT sql_executions_cancel_check CHECK ((cancel_requested_at IS NULL) = (cancel_reason IS NULL)),
  CONSTRAINT sql_executions_ended_check CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX sql_executions_active_check_id_key ON sql_executions (user_id, check_id) WHERE ended_at IS NULL;
CREATE INDEX sql_executions_check_id_idx ON sql_executions (user_id, check_id, started_at);
CREATE INDEX sql_executions_active_idx ON sql_executions (lease_until) WHERE ended_at IS NULL;
CREATE INDEX sql_executions_account_id_idx ON sql_executions (account_id);
CREATE INDEX sql_executions_ended_at_idx ON sql_executions (ended_at);
`;
