-- The span that submitted a job, as a W3C traceparent: its attempts belong to the same trace, also
-- after a wipe of Redis. Null when traces are off.
ALTER TABLE jobs ADD COLUMN trace_context text;
