import type { Sql } from "@ilgam/db";

const show = `
UPDATE documents SET run = $3, settings = $4, pages = $5, chunks = $6, tokens = $7, model = $8,
  dimension = $9, completed_at = now()
WHERE job_id = $1 AND tenant_id = $2 AND coalesce(run, 0) < $3 RETURNING id`;

/**
 * Shows what a run has made, in the transaction that completes its job, and deletes what older ones
 * have left. Nothing happens to a document that was deleted meanwhile.
 */
export async function finishDocument(
  tx: Sql,
  job: { id: string; tenantId: string; run: number },
  made: {
    /** Without them no other document is made of this one. */
    settings?: string | undefined;
    pages: number;
    chunks: number;
    tokens: number;
    model: string | null;
    dimension: number | null;
  },
): Promise<void> {
  const { settings, pages, chunks, tokens, model, dimension } = made;
  const [shown] = await tx.query<{ id: number }>(show, [
    ...[job.id, job.tenantId, job.run, settings ?? null, pages, chunks, tokens, model, dimension],
  ]);
  if (!shown) return;
  await tx.query("DELETE FROM document_pages WHERE document_id = $1 AND run <= $2", [
    shown.id,
    job.run,
  ]);
  await tx.query("DELETE FROM document_chunks WHERE document_id = $1 AND run < $2", [
    shown.id,
    job.run,
  ]);
}
