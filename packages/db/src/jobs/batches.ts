import type { Sql } from "../connection/sql.ts";

/**
 * Closes the batches that have no open job left; returns the ids it closed. Asked after each
 * child's commit, and by the sweeper: the last two children may each have seen the other open. A
 * batch that is locked is left to the sweeper: after the wait for a retry that reopens it, this
 * statement would still see the retried job as ended.
 */
export async function finishBatches(sql: Sql, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await sql.query<{ id: string }>(
    `WITH l AS MATERIALIZED (
       SELECT id FROM batches b WHERE id = ANY($1::uuid[]) AND finished_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM jobs j
           WHERE j.batch_id = b.id AND j.status IN ('queued', 'processing'))
       ORDER BY id FOR UPDATE SKIP LOCKED
     ), closed AS (
       UPDATE batches b SET finished_at = now() FROM l WHERE b.id = l.id AND b.finished_at IS NULL
       RETURNING b.*
     ), webhooks AS (
       INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
       SELECT gen_random_uuid(), tenant_id, callback_url, id, 1, 'batch.finished'
       FROM closed WHERE callback_url IS NOT NULL ON CONFLICT DO NOTHING
     )
     SELECT id FROM closed`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/** Batches that look finished but are not closed; for the sweeper. */
export async function finishForgottenBatches(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM batches b WHERE finished_at IS NULL AND created_at < now() - interval '2 s'
       AND NOT EXISTS (SELECT 1 FROM jobs j
         WHERE j.batch_id = b.id AND j.status IN ('queued', 'processing')) LIMIT 200`,
  );
  return finishBatches(
    sql,
    rows.map((row) => row.id),
  );
}

/** Open batches of a tenant in one kind: what its share is divided by. */
export async function countOpenBatches(sql: Sql, tenantId: string, kind: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    "SELECT count(*) AS count FROM batches WHERE tenant_id = $1 AND kind = $2 AND finished_at IS NULL",
    [tenantId, kind],
  );
  return row?.count ?? 0;
}
