-- Uploaded documents, their pages while they are worked on, and their chunks with vectors.
CREATE TABLE "documents" (
  "id" BIGSERIAL NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "container_id" TEXT,
  "file_id" UUID NOT NULL,
  "file_name" TEXT NOT NULL,
  "media_type" TEXT NOT NULL,
  "sha256" TEXT NOT NULL,
  "job_id" UUID NOT NULL,
  "run" INTEGER,
  "settings" TEXT,
  "pages" INTEGER,
  "chunks" INTEGER,
  "tokens" INTEGER,
  "model" TEXT,
  "dimension" INTEGER,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "completed_at" TIMESTAMPTZ(3),
  CONSTRAINT "documents_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "documents_job" ON "documents"("job_id");
CREATE INDEX "documents_tenant" ON "documents"("tenant_id", "id" DESC);
CREATE INDEX "documents_container" ON "documents"("tenant_id", "container_id", "id" DESC);
CREATE INDEX "documents_file" ON "documents"("tenant_id", "sha256");

CREATE TABLE "document_pages" (
  "document_id" BIGINT NOT NULL,
  "run" INTEGER NOT NULL,
  "number" INTEGER NOT NULL,
  "text" TEXT NOT NULL,
  "seen" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "document_pages_pkey" PRIMARY KEY ("document_id", "run", "number"),
  CONSTRAINT "document_pages_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "documents"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "document_chunks" (
  "document_id" BIGINT NOT NULL,
  "run" INTEGER NOT NULL,
  "position" INTEGER NOT NULL,
  "page_from" INTEGER NOT NULL,
  "page_to" INTEGER NOT NULL,
  "content" TEXT NOT NULL,
  "tokens" INTEGER NOT NULL,
  -- Null until its batch has come back.
  "embedding" REAL[],
  "model" TEXT,
  "dimension" INTEGER,
  CONSTRAINT "document_chunks_pkey" PRIMARY KEY ("document_id", "run", "position"),
  CONSTRAINT "document_chunks_document_id_fkey" FOREIGN KEY ("document_id")
    REFERENCES "documents"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
