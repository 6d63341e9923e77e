-- Since when a queued job has been waiting for a service that is away; null for any other wait.
ALTER TABLE "jobs" ADD COLUMN "held_since" TIMESTAMPTZ(3);
-- Partial, unknown to Prisma's schema. Its condition names no column that is written while a job runs.
CREATE INDEX "jobs_held" ON "jobs" ("queue", "held_since") WHERE "status" = 'queued' AND "held_since" IS NOT NULL;
