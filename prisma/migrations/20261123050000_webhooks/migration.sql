-- The job that delivers a webhook; null until the sweeper has made one.
ALTER TABLE "webhook_deliveries" ADD COLUMN "job_id" UUID;
CREATE INDEX "webhook_deliveries_unsent" ON "webhook_deliveries" ("created_at", "id") WHERE "job_id" IS NULL;
CREATE INDEX "webhook_deliveries_subject" ON "webhook_deliveries" ("subject_id");

CREATE TABLE "webhook_attempts" (
  "id" UUID NOT NULL,
  "delivery_id" UUID NOT NULL,
  "job_run" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "status" INTEGER,
  "duration_ms" INTEGER NOT NULL,
  "error" TEXT,
  "answer" TEXT,
  CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "webhook_attempts_delivery" ON "webhook_attempts" ("delivery_id", "at");

CREATE TABLE "webhook_secrets" (
  "tenant_id" TEXT NOT NULL,
  "secret" TEXT NOT NULL,
  "previous_secret" TEXT,
  "previous_until" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "webhook_secrets_pkey" PRIMARY KEY ("tenant_id")
);
