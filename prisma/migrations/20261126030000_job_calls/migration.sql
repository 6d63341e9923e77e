-- What each outbound call cost, written when the call ends: the id counts it once, however often it is
-- told. The sums stand in jobs and usage_hours; these rows are deleted after a day.
CREATE TABLE "job_calls" (
  "id" UUID NOT NULL,
  "job_id" UUID NOT NULL,
  "epoch" INTEGER NOT NULL,
  "model" TEXT NOT NULL,
  "tokens" INTEGER NOT NULL,
  "unpriced_tokens" INTEGER NOT NULL,
  "cost" DECIMAL(14,6) NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "job_calls_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "job_calls_attempt" ON "job_calls" ("job_id", "epoch");
CREATE INDEX "job_calls_at" ON "job_calls" ("at");
