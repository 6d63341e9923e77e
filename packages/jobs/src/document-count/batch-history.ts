import type { Language } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { type BatchProgress, type BatchRow, columns, progressOf, tally } from "./batch-progress.ts";

/** Where a page ended: the next one holds what is older. */
export type HistoryPosition = { createdAt: number; batchId: string };

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
  page: { limit: number; after: HistoryPosition | undefined; language: Language },
): Promise<HistoryPage> {
  const { limit, after, language } = page;
  const from = after && new Date(after.createdAt).toISOString();
  const rows = await sql.query<BatchRow>(history, [tenantId, limit + 1, from, after?.batchId]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    batches: shown.map((row) => progressOf(row, language)),
    nextCursor: last ? cursorOf(last) : null,
  };
}

function cursorOf({ createdAt, batchId }: HistoryPosition): string {
  return Buffer.from(`${createdAt} ${batchId}`).toString("base64url");
}

const position = /^(\d{1,15}) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The position that a cursor of ours names; undefined for any other text. */
export function positionOf(cursor: string): HistoryPosition | undefined {
  const [, createdAt, batchId] =
    position.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (!createdAt || !batchId || Number(createdAt) > 8.64e15) return undefined;
  return { createdAt: Number(createdAt), batchId };
}
