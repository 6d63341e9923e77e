import { ApiError } from "@ilgam/contracts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { findDocument } from "./document-view.ts";

/**
 * Deletes a document with its chunks and its file, and cancels its job if that is open: the row
 * first, so that nobody finds it any more. A file that other jobs use stays with them.
 * @throws ApiError document_not_found
 */
export async function deleteDocument(
  { db, canceller, files }: Pick<RouteDependencies, "db" | "canceller" | "files">,
  tenantId: string,
  id: string,
): Promise<void> {
  const document = await findDocument(db.sql, tenantId, id);
  if (!document) throw new ApiError("document_not_found");
  // Before the row goes: a running job would make it again.
  await canceller.jobs(tenantId, [document.jobId]);
  const gone = await db.sql.query(
    "DELETE FROM documents WHERE id = $1 AND tenant_id = $2 RETURNING id",
    [document.id, tenantId],
  );
  if (gone.length === 0) throw new ApiError("document_not_found");
  const shared = await db.sql.query(
    `SELECT 1 FROM files f JOIN jobs j ON j.id = ANY(f.job_ids)
     WHERE f.id = $1 AND f.tenant_id = $2 AND j.id <> $3 AND j.status IN ('queued', 'processing')`,
    [document.fileId, tenantId, document.jobId],
  );
  if (shared.length === 0) await files.discard(tenantId, [document.fileId]);
}
