-- What jobs spent upstream, kept as it is settled. Nothing called an AI model before this, so there is
-- nothing to fill in. Older code runs on: all columns have defaults; what it settles is not in the sums.
ALTER TABLE "jobs" ADD COLUMN "tokens" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "jobs" ADD COLUMN "unpriced_tokens" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "jobs" ADD COLUMN "cost" DECIMAL(14,6) NOT NULL DEFAULT 0;
ALTER TABLE "job_attempts" ADD COLUMN "unpriced_tokens" INTEGER;
ALTER TABLE "job_attempts" ADD COLUMN "models" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- Sums that outlive the jobs. Several rows an hour ("shard"), so that settlements of one kind do not
-- wait for each other's commit.
CREATE TABLE "usage_hours" (
  "hour" TIMESTAMPTZ(3) NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "set_id" TEXT NOT NULL DEFAULT '',
  "model" TEXT NOT NULL DEFAULT '',
  "shard" SMALLINT NOT NULL,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "tokens" BIGINT NOT NULL DEFAULT 0,
  "unpriced_tokens" BIGINT NOT NULL DEFAULT 0,
  "cost" DECIMAL(18,6) NOT NULL DEFAULT 0,
  CONSTRAINT "usage_hours_pkey" PRIMARY KEY ("hour", "tenant_id", "kind", "set_id", "model", "shard")
) WITH (fillfactor = 70);
