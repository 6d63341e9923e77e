-- Tasks of system 5 are listed, counted and cleaned up among all other jobs of a tenant.
CREATE INDEX "jobs_image_tasks" ON "jobs" ("tenant_id", "created_at" DESC, "id" DESC)
  WHERE "kind" IN ('image-analysis', 'table-extraction');
