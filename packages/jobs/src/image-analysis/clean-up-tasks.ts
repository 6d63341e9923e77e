import type { Sql } from "@ilgam/db";
import { z } from "zod";
import { deletionOf } from "../deleting/delete-jobs.ts";
import type { FileStore } from "../uploads/file-store.ts";
import { taskKinds } from "./task-kinds.ts";

/** Tasks of one statement: each costs a request to the store of files. */
const pageSize = 100;

/** No callback about these is still to be delivered: its message is made of them when it is sent. */
const untold = (subjects: string) => `NOT EXISTS (
  SELECT 1 FROM webhook_deliveries w LEFT JOIN jobs d ON d.id = w.job_id
  WHERE w.subject_id IN (${subjects})
    AND (w.job_id IS NULL OR d.status IN ('queued', 'processing')))`;

// What is retried or deleted at the same moment is somebody else's.
const remove = deletionOf(
  `SELECT id FROM jobs WHERE kind IN ${taskKinds} AND ($1::text IS NULL OR tenant_id = $1)
     AND status IN ('completed', 'failed', 'cancelled')
     AND finished_at <= now() - $2 * interval '1 hour' AND ${untold("jobs.id, jobs.batch_id")}
   ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED`,
  `id, tenant_id AS "tenantId", batch_id AS "batchId",
   (SELECT input->>'fileId' FROM job_inputs i WHERE i.job_id = j.id) AS "fileId"`,
);

/* A file that another job worked on stays with that. */
const unused = `
SELECT id FROM files f WHERE tenant_id = $1 AND id = ANY($2::uuid[])
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = ANY(f.job_ids))`;

const removeBatches = `
DELETE FROM batches b WHERE id = ANY($1::uuid[]) AND finished_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id) AND ${untold("b.id")}`;

type Removed = { id: string; tenantId: string; batchId: string | null; fileId: string | null };

/**
 * Removes finished tasks that ended so many hours ago or earlier, with their results and files; of
 * all tenants when none is given. Resolves with the number of tasks. What a crash or a store that is
 * away leaves of the files is swept by retention.
 * @throws StorageError unavailable
 */
export async function cleanUpTasks(
  { sql, files }: { sql: Sql; files: Pick<FileStore, "remove"> },
  options: { tenantId?: string; maxAgeHours: number; signal?: AbortSignal },
): Promise<number> {
  const { tenantId = null, maxAgeHours, signal } = options;
  let removed = 0;
  let page: Removed[];
  do {
    signal?.throwIfAborted();
    page = await sql.query<Removed>(remove, [tenantId, maxAgeHours, pageSize]);
    removed += page.length;
    await sql.query(removeBatches, [page.flatMap(({ batchId }) => batchId ?? [])]);
    for (const [owner, tasks] of Map.groupBy(page, (task) => task.tenantId)) {
      // A stored input may be anything.
      const ids = tasks.flatMap(({ fileId }) => z.uuid().safeParse(fileId).data ?? []);
      const free = await sql.query<{ id: string }>(unused, [owner, ids]);
      await files.remove(
        owner,
        free.map(({ id }) => id),
      );
    }
  } while (page.length === pageSize);
  return removed;
}
