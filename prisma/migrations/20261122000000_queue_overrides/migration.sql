-- Limits that an operator sets at run time, and what each worker shows of itself. Code that does not
-- know these columns runs on: they have defaults.
ALTER TABLE "queues" ADD COLUMN "overrides" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "worker_leases" ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "worker_leases" ADD COLUMN "concurrency" JSONB NOT NULL DEFAULT '{}';
