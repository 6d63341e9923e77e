-- The last completed analyses, newest first: from their run times each submission's estimate is made.
-- Partial, so that the jobs of other kinds do not pay for it; unknown to Prisma's schema.
CREATE INDEX "jobs_ai_analysis_completed" ON "jobs" ("finished_at" DESC) WHERE "kind" = 'ai-analysis' AND "status" = 'completed';
