-- Jobs by the file that their input names: a file stays while one waits for its turn. Partial, so that
-- other inputs do not pay for it; unknown to Prisma's schema.
CREATE INDEX "job_inputs_file" ON "job_inputs" (("input"->>'fileId')) WHERE "input" ? 'fileId';
