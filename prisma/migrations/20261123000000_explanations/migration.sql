-- Kind explanation: passages with their questions, and the prompt by which they are explained.
-- Ids are opaque and a tenant's own, so that those of another system can be kept.
CREATE TABLE "passage_sets" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "passage_content" TEXT NOT NULL,
  "passage_comment" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "level" TEXT NOT NULL,
  "question_count" INTEGER NOT NULL DEFAULT 0,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "passage_sets_pkey" PRIMARY KEY ("tenant_id", "id")
);
CREATE INDEX "passage_sets_tenant_created" ON "passage_sets" ("tenant_id", "created_at" DESC, "id" DESC);

CREATE TABLE "questions" (
  "tenant_id" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "set_id" TEXT NOT NULL,
  "question_number" INTEGER NOT NULL,
  "question_text" TEXT NOT NULL,
  "options" TEXT[],
  "correct_answer" TEXT NOT NULL,
  "revision" INTEGER NOT NULL DEFAULT 1,
  "explanation" TEXT,
  "explained_at" TIMESTAMPTZ(3),
  "explained_by" TEXT,
  "prompt_version" INTEGER,
  "model" TEXT,
  "provider" TEXT,
  "job_id" UUID,
  "explained_run" INTEGER,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "questions_pkey" PRIMARY KEY ("tenant_id", "id"),
  CONSTRAINT "questions_explained_by" CHECK ("explained_by" IN ('model', 'teacher')),
  -- Whoever wrote it and when stand beside it; without one there is a job that is to write it.
  CONSTRAINT "questions_explained" CHECK (("explanation" IS NULL) = ("explained_at" IS NULL)
    AND ("explanation" IS NULL) = ("explained_by" IS NULL)
    AND ("explanation" IS NOT NULL OR "job_id" IS NOT NULL))
);
CREATE UNIQUE INDEX "questions_set_number" ON "questions" ("tenant_id", "set_id", "question_number");

CREATE TABLE "system_prompts" (
  "tenant_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "content" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "system_prompts_pkey" PRIMARY KEY ("tenant_id", "name", "version")
);
