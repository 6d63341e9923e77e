-- Jobs that are submitted by the clock.
CREATE TABLE "schedules" (
  "id" UUID NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "input" JSONB NOT NULL,
  "priority" TEXT NOT NULL DEFAULT 'normal',
  "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "pattern" TEXT NOT NULL,
  "time_zone" TEXT NOT NULL,
  "enabled" BOOLEAN NOT NULL DEFAULT true,
  "next_at" TIMESTAMPTZ(3),
  "last_at" TIMESTAMPTZ(3),
  "last_job_id" UUID,
  "last_error" JSONB,
  "revision" INTEGER NOT NULL DEFAULT 1,
  "mirrored_revision" INTEGER,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "schedules_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "schedules_priority" CHECK ("priority" IN ('high', 'normal', 'low'))
);
CREATE UNIQUE INDEX "schedules_tenant_name" ON "schedules" ("tenant_id", "name");
CREATE INDEX "schedules_tenant_created" ON "schedules" ("tenant_id", "created_at" DESC, "id" DESC);
-- Partial indexes, unknown to Prisma's schema: the sweeper asks for both several times a second.
CREATE INDEX "schedules_due" ON "schedules" ("next_at") WHERE "enabled";
CREATE INDEX "schedules_unmirrored" ON "schedules" ("id") WHERE "mirrored_revision" IS DISTINCT FROM "revision";
