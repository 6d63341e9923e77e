-- Files that were uploaded or that jobs made.
CREATE TABLE "files" (
  "id" UUID NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "storage_key" TEXT NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'pending',
  "file_name" TEXT NOT NULL,
  "media_type" TEXT NOT NULL,
  "bytes" BIGINT NOT NULL,
  "sha256" TEXT NOT NULL,
  "job_ids" UUID[] DEFAULT ARRAY[]::UUID[],
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "files_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "files_status" CHECK ("status" IN ('pending', 'stored', 'deleting'))
);
