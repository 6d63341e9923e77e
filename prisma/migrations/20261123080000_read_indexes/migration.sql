-- Partial indexes, unknown to Prisma's schema. Their conditions name columns that other partial
-- indexes name already, so no update of a job gets dearer.
-- The dearest jobs and batches of a span of time.
CREATE INDEX "jobs_spent" ON "jobs" ("finished_at") WHERE "tokens" > 0 OR "cost" > 0;
-- A tenant's waiting explanations, counted at each upload and poll.
CREATE INDEX "jobs_explanation_queued" ON "jobs" ("tenant_id", "created_at") WHERE "queue" = 'explanation' AND "status" = 'queued';
-- A tenant's AI jobs among its many others, newest first.
CREATE INDEX "jobs_ai_analysis_created" ON "jobs" ("tenant_id", "created_at" DESC, "id" DESC) WHERE "kind" = 'ai-analysis';
-- The question that a failed job was to explain.
CREATE INDEX "questions_job" ON "questions" ("job_id") WHERE "job_id" IS NOT NULL;
