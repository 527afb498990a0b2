import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run tells: origin, progress as events, and of each operator what it delivers and reports. */
export class RunReports1795600000000 implements MigrationInterface {
  readonly name = 'RunReports1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
    await runner.query(EVENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER run_steps_record_ended ON run_steps;
      DROP TRIGGER run_steps_record_started ON run_steps;
      DROP TRIGGER runs_record_moved ON runs;
      DROP TRIGGER runs_record_queued ON runs;
      DROP FUNCTION record_step_event();
      DROP FUNCTION record_run_state();
      DROP FUNCTION record_run_event(uuid, text, jsonb);
      DROP TABLE run_events;
      ALTER TABLE run_steps DROP COLUMN report, DROP COLUMN delivery;
      ALTER TABLE runs DROP COLUMN save_result, DROP COLUMN origin;
    `);
  }
}

const COLUMNS = `
ALTER TABLE runs
  ADD COLUMN origin varchar(8) NOT NULL DEFAULT 'manual' CONSTRAINT runs_origin_check CHECK (origin IN ('manual', 'api')),
  -- False: its results are not offered afterwards (engine-api.md 2.1, saveResult).
  ADD COLUMN save_result boolean NOT NULL DEFAULT true;
ALTER TABLE run_steps
  -- What later operators take from it: a relation, samples, a model. Set when it has finished.
  ADD COLUMN delivery jsonb,
  -- What its element of the results document shows. Set when it has finished.
  ADD COLUMN report jsonb;
`;

const EVENTS = `
-- What happened in a run, numbered without gaps in the order in which it became visible, so that a reader who has seen
-- number n misses nothing by asking for what is later.
CREATE TABLE run_events (
  run_id uuid NOT NULL CONSTRAINT run_events_run_id_fkey REFERENCES runs ON DELETE CASCADE,
  seq integer NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  type varchar(24) NOT NULL CONSTRAINT run_events_type_check
    CHECK (type IN ('state', 'operator_started', 'operator_finished', 'log')),
  data jsonb NOT NULL,
  CONSTRAINT run_events_pkey PRIMARY KEY (run_id, seq)
);

-- The lock makes writers of one run take turns until they commit; the run's row is always locked before it, never after.
CREATE FUNCTION record_run_event(run uuid, event_type text, event_data jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM runs WHERE id = run FOR KEY SHARE;
  PERFORM pg_advisory_xact_lock(hashtextextended('run_events ' || run, 0));
  INSERT INTO run_events (run_id, seq, type, data)
    SELECT run, coalesce(max(seq), 0) + 1, event_type, event_data FROM run_events WHERE run_id = run;
  PERFORM pg_notify('fermata_run_events', run::text);
END $$;

CREATE FUNCTION record_run_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM record_run_event(NEW.id, 'state', jsonb_build_object('status', NEW.status));
  RETURN NULL;
END $$;
CREATE TRIGGER runs_record_queued AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION record_run_state();
CREATE TRIGGER runs_record_moved AFTER UPDATE OF status ON runs
  FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION record_run_state();

CREATE FUNCTION record_step_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM record_run_event(NEW.run_id, 'operator_started', jsonb_build_object(
      'uuid', NEW.operator_uuid, 'name', NEW.operator_name, 'type', NEW.operator_type));
  ELSE
    PERFORM record_run_event(NEW.run_id, 'operator_finished', jsonb_build_object(
      'uuid', NEW.operator_uuid, 'name', NEW.operator_name, 'type', NEW.operator_type, 'status', NEW.status,
      'row_count', NEW.row_count,
      'milliseconds', round(extract(epoch FROM NEW.ended_at - NEW.started_at) * 1000, 1),
      'error', NEW.error_message, 'sqlstate', NEW.error_sqlstate));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER run_steps_record_started AFTER INSERT ON run_steps FOR EACH ROW EXECUTE FUNCTION record_step_event();
CREATE TRIGGER run_steps_record_ended AFTER UPDATE OF status ON run_steps
  FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION record_step_event();
`;
