import type { Sql } from "@ilgam/db";
import type { Storage } from "@ilgam/storage";
import { isWaitedFor } from "../../uploads/file-store.ts";

/** An upload that takes longer than this has died. */
const abandonedMs = 3_600_000;

/** Files of one statement: each costs a request to the store. */
const pageSize = 100;

/*
 * One page, in the order of ids from $2 on, of what is to go: files kept for $1 hours after they came
 * and after the last job that used them ended; rows whose file never came; and what a deletion that
 * failed has left. A file that is attached to a job meanwhile has another list than the one seen.
 */
const mark = `
WITH seen AS (
  SELECT id, job_ids, status FROM files f WHERE id > $2 AND (
    status = 'deleting'
    OR status = 'pending' AND created_at < now() - $3 * interval '1 ms'
    OR status = 'stored' AND created_at < now() - $1 * interval '1 hour' AND NOT EXISTS (
      SELECT 1 FROM jobs j WHERE j.id = ANY(f.job_ids)
        AND (j.status IN ('queued', 'processing') OR j.finished_at > now() - $1 * interval '1 hour'))
      AND NOT ${isWaitedFor})
  ORDER BY id LIMIT $4
), marked AS (
  UPDATE files f SET status = 'deleting' FROM seen
  WHERE f.id = seen.id AND f.job_ids = seen.job_ids AND f.status = seen.status
  RETURNING f.id, f.storage_key
)
SELECT seen.id, marked.storage_key AS "storageKey" FROM seen LEFT JOIN marked USING (id)
ORDER BY seen.id`;

const forget = "DELETE FROM files WHERE id = ANY($1::uuid[]) AND status = 'deleting'";

/**
 * Deletes files that were kept for long enough, and what uploads left that died in the middle: the
 * file first, then its row, so that a crash between the two is made up for by the next sweep.
 * @throws StorageError unavailable: the rows stay, marked, for the next one
 */
export async function sweepFiles(
  { sql, storage }: { sql: Sql; storage: Pick<Storage, "delete" | "removeAbandoned"> },
  { keptHours, signal }: { keptHours: number; signal: AbortSignal },
): Promise<Record<string, number>> {
  const uploads = await storage.removeAbandoned(abandonedMs);
  let files = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  let page: { id: string; storageKey: string | null }[];
  do {
    signal.throwIfAborted();
    page = await sql.query(mark, [keptHours, after, abandonedMs, pageSize]);
    const gone: string[] = [];
    for (const { id, storageKey } of page) {
      if (storageKey === null) continue;
      await storage.delete(storageKey);
      gone.push(id);
    }
    await sql.query(forget, [gone]);
    files += gone.length;
    after = page.at(-1)?.id ?? after;
  } while (page.length === pageSize);
  return { files, "abandoned uploads": uploads };
}
