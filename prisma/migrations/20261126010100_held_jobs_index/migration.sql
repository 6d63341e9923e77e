-- Partial, unknown to Prisma's schema. Its condition names no column that is written while a job runs.
CREATE INDEX CONCURRENTLY "jobs_held" ON "jobs" ("queue", "held_since") WHERE "status" = 'queued' AND "held_since" IS NOT NULL;
