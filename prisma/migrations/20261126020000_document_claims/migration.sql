-- Who computes a file at present, so that a second upload of it waits for the first.
ALTER TABLE "documents" ADD COLUMN "computing" TEXT;
ALTER TABLE "documents" ADD COLUMN "computing_since" TIMESTAMPTZ(3);
