-- Test databases only: every change of a job's status, so that a test can ask whether one ever left
-- a terminal state. Rows stand in the order in which the changes were made.
CREATE TABLE job_history (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id UUID NOT NULL,
  old_status TEXT,
  new_status TEXT NOT NULL,
  run INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  at TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX job_history_job ON job_history (job_id, seq);

CREATE FUNCTION record_job_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO job_history (job_id, old_status, new_status, run, epoch)
    VALUES (NEW.id, NULL, NEW.status, NEW.run, NEW.epoch);
  ELSIF OLD.status IS DISTINCT FROM NEW.status OR OLD.run <> NEW.run OR OLD.epoch <> NEW.epoch THEN
    INSERT INTO job_history (job_id, old_status, new_status, run, epoch)
    VALUES (NEW.id, OLD.status, NEW.status, NEW.run, NEW.epoch);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER jobs_history AFTER INSERT OR UPDATE ON jobs
FOR EACH ROW EXECUTE FUNCTION record_job_history();
