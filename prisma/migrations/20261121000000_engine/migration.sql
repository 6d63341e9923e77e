-- The engine's tables. Runs on Postgres 15 to 18.
CREATE TABLE "jobs" (
  "id" UUID NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "queue" TEXT NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'queued',
  "priority" TEXT NOT NULL,
  "virtual_start" BIGINT NOT NULL,
  "run" INTEGER NOT NULL DEFAULT 1,
  "epoch" INTEGER NOT NULL DEFAULT 0,
  "claim_token" UUID,
  "attempt" INTEGER NOT NULL DEFAULT 0,
  "max_attempts" INTEGER NOT NULL,
  "crash_count" INTEGER NOT NULL DEFAULT 0,
  "snoozes" INTEGER NOT NULL DEFAULT 0,
  "run_at" TIMESTAMPTZ(6) NOT NULL,
  "expires_at" TIMESTAMPTZ(6),
  "check_at" TIMESTAMPTZ(6) NOT NULL,
  "parked" BOOLEAN NOT NULL DEFAULT false,
  "dispatch" INTEGER NOT NULL DEFAULT 0,
  "worker_id" UUID,
  "cancel_requested_at" TIMESTAMPTZ(3),
  "batch_id" UUID,
  "position" INTEGER,
  "progress" REAL NOT NULL DEFAULT 0,
  "step" TEXT,
  "wait_reason" TEXT,
  "error" JSONB,
  "callback_url" TEXT,
  "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "metadata" JSONB NOT NULL DEFAULT '{}',
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "started_at" TIMESTAMPTZ(3),
  "claimed_at" TIMESTAMPTZ(3),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "jobs_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "jobs_status" CHECK ("status" IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  CONSTRAINT "jobs_priority" CHECK ("priority" IN ('high', 'normal', 'low'))
) WITH (fillfactor = 85);

CREATE INDEX "jobs_tenant_created" ON "jobs" ("tenant_id", "created_at" DESC, "id" DESC);
CREATE INDEX "jobs_batch_position" ON "jobs" ("batch_id", "position");
-- Partial indexes, unknown to Prisma's schema: no column in them is written while a job runs.
CREATE INDEX "jobs_queued_check" ON "jobs" ("check_at") WHERE "status" = 'queued' AND NOT "parked";
CREATE INDEX "jobs_queued_order" ON "jobs" ("queue", "priority", "virtual_start", "id") WHERE "status" = 'queued';
CREATE INDEX "jobs_queued_parked" ON "jobs" ("queue", "virtual_start", "id") WHERE "status" = 'queued' AND "parked";
CREATE INDEX "jobs_queued_expires" ON "jobs" ("expires_at") WHERE "status" = 'queued' AND "expires_at" IS NOT NULL;
CREATE INDEX "jobs_processing_worker" ON "jobs" ("worker_id") WHERE "status" = 'processing';
CREATE INDEX "jobs_batch_open" ON "jobs" ("batch_id") WHERE "status" IN ('queued', 'processing') AND "batch_id" IS NOT NULL;
CREATE INDEX "jobs_finished" ON "jobs" ("finished_at") WHERE "status" IN ('completed', 'failed', 'cancelled');

CREATE TABLE "job_inputs" (
  "job_id" UUID NOT NULL,
  "input" JSONB NOT NULL,
  CONSTRAINT "job_inputs_pkey" PRIMARY KEY ("job_id")
);

CREATE TABLE "job_results" (
  "job_id" UUID NOT NULL,
  "run" INTEGER NOT NULL,
  "epoch" INTEGER NOT NULL,
  "output" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "job_results_pkey" PRIMARY KEY ("job_id", "run")
);

CREATE TABLE "job_attempts" (
  "job_id" UUID NOT NULL,
  "run" INTEGER NOT NULL,
  "epoch" INTEGER NOT NULL,
  "attempt" INTEGER NOT NULL,
  "worker_id" UUID,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "outcome" TEXT NOT NULL,
  "error" JSONB,
  "tokens" INTEGER,
  "cost" DECIMAL(12,6),
  CONSTRAINT "job_attempts_pkey" PRIMARY KEY ("job_id", "epoch")
);

CREATE TABLE "job_steps" (
  "job_id" UUID NOT NULL,
  "run" INTEGER NOT NULL,
  "name" TEXT NOT NULL,
  "output" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "job_steps_pkey" PRIMARY KEY ("job_id", "run", "name")
);

CREATE TABLE "job_events" (
  "job_id" UUID NOT NULL,
  "seq" BIGSERIAL NOT NULL,
  "run" INTEGER NOT NULL,
  "type" TEXT NOT NULL,
  "data" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "job_events_pkey" PRIMARY KEY ("job_id", "seq")
);

CREATE TABLE "batches" (
  "id" UUID NOT NULL,
  "public_id" TEXT NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "total" INTEGER NOT NULL,
  "metadata" JSONB NOT NULL DEFAULT '{}',
  "callback_url" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "cancelled_at" TIMESTAMPTZ(3),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "batches_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "batches_public_id_key" ON "batches" ("public_id");
CREATE INDEX "batches_tenant_created" ON "batches" ("tenant_id", "created_at" DESC, "id" DESC);
CREATE INDEX "batches_open" ON "batches" ("tenant_id", "kind") WHERE "finished_at" IS NULL;

CREATE TABLE "idempotency_keys" (
  "tenant_id" TEXT NOT NULL,
  "route" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "subject_id" UUID NOT NULL,
  "response" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id", "route", "key")
);
CREATE INDEX "idempotency_keys_expires" ON "idempotency_keys" ("expires_at");

CREATE TABLE "worker_leases" (
  "worker_id" UUID NOT NULL,
  "lease_until" TIMESTAMPTZ(6) NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "host" TEXT NOT NULL,
  "pid" INTEGER NOT NULL,
  "version" TEXT NOT NULL,
  "queues" TEXT[],
  "in_hand" INTEGER NOT NULL DEFAULT 0,
  "memory_bytes" BIGINT NOT NULL DEFAULT 0,
  "consuming" BOOLEAN NOT NULL DEFAULT false,
  "dead_at" TIMESTAMPTZ(3),
  CONSTRAINT "worker_leases_pkey" PRIMARY KEY ("worker_id")
);

CREATE TABLE "queues" (
  "name" TEXT NOT NULL,
  "paused" BOOLEAN NOT NULL DEFAULT false,
  "global_concurrency" INTEGER,
  "rate_max" INTEGER,
  "rate_duration_ms" INTEGER,
  "priority_epoch" BIGINT NOT NULL,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "queues_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "sweeper_state" (
  "id" INTEGER NOT NULL,
  "installation_id" UUID NOT NULL DEFAULT gen_random_uuid(),
  "holder" UUID,
  "last_sweep_at" TIMESTAMPTZ(6) NOT NULL,
  "grace_until" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "sweeper_state_pkey" PRIMARY KEY ("id")
);
INSERT INTO "sweeper_state" ("id", "last_sweep_at", "grace_until") VALUES (1, now(), now());

CREATE TABLE "webhook_deliveries" (
  "id" UUID NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "endpoint" TEXT NOT NULL,
  "subject_id" UUID NOT NULL,
  "run" INTEGER NOT NULL,
  "event" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhook_deliveries_once" ON "webhook_deliveries" ("endpoint", "subject_id", "run", "event");

CREATE TABLE "document_counts" (
  "keyword" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "count" BIGINT,
  "provider" TEXT,
  "fetched_at" TIMESTAMPTZ(3),
  "fetch_token" UUID,
  "fetch_until" TIMESTAMPTZ(3),
  CONSTRAINT "document_counts_pkey" PRIMARY KEY ("keyword", "source")
);
