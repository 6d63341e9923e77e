import type { Language } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { cursorOf, type ListingPosition } from "../../listing/listing-cursor.ts";
import { type BatchProgress, type BatchRow, columns, progressOf, tally } from "./batch-progress.ts";

export type HistoryPage = { batches: BatchProgress[]; nextCursor: string | null };

// Grouped over the page rather than batch by batch: one pass over the jobs, however many there are.
const history = `
WITH page AS MATERIALIZED (
  SELECT * FROM batches WHERE tenant_id = $1 AND kind = 'document-count'
    AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid))
  ORDER BY created_at DESC, id DESC LIMIT $2
), t AS (
  SELECT j.batch_id, ${tally} FROM jobs j
  WHERE j.tenant_id = $1 AND j.batch_id IN (SELECT id FROM page) GROUP BY j.batch_id
)
SELECT ${columns} FROM page b JOIN t ON t.batch_id = b.id
ORDER BY b.created_at DESC, b.id DESC`;

/** One page of a tenant's batches, newest first; stable while new ones come. */
export async function readHistory(
  sql: Sql,
  tenantId: string,
  page: { limit: number; after: ListingPosition | undefined; language: Language },
): Promise<HistoryPage> {
  const { limit, after, language } = page;
  const from = after && new Date(after.createdAt).toISOString();
  const rows = await sql.query<BatchRow>(history, [tenantId, limit + 1, from, after?.id]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    batches: shown.map((row) => progressOf(row, language)),
    nextCursor: last ? cursorOf({ createdAt: last.createdAt, id: last.batchId }) : null,
  };
}
