import type { JobStatus } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

export type CancelOutcome = {
  id: string;
  kind: string;
  queue: string;
  run: number;
  attempt: number;
  /** After the call; `processing` means that the holder was asked to stop. */
  status: JobStatus;
  /** False when the job had ended before. */
  accepted: boolean;
  batchId: string | null;
};

const cancelledError = `jsonb_build_object('code', 'cancelled', 'message', 'cancelled')`;

/*
 * Queued jobs end here; running ones are asked and end in their settlement. The rows are locked
 * first, so a settlement that runs at the same moment is either before or after, never between.
 */
const cancel = `
WITH l AS MATERIALIZED (
  SELECT j.id, j.status, j.kind, j.queue, j.run, j.attempt FROM jobs j
  WHERE j.tenant_id = $1 AND j.id IN (SELECT id FROM targets) ORDER BY j.id FOR UPDATE OF j
), u AS (
  UPDATE jobs j SET
    status = CASE WHEN l.status = 'queued' THEN 'cancelled' ELSE j.status END,
    cancel_requested_at = coalesce(j.cancel_requested_at, now()),
    finished_at = CASE WHEN l.status = 'queued' THEN now() END,
    wait_reason = NULL, held_since = NULL,
    error = CASE WHEN l.status = 'queued' THEN ${cancelledError} ELSE j.error END
  FROM l WHERE j.id = l.id AND l.status IN ('queued', 'processing')
  RETURNING j.*
), events AS (
  INSERT INTO job_events (job_id, run, type, data)
  SELECT id, run, 'state', jsonb_build_object('status', status, 'cancelRequested', true) FROM u
), webhooks AS (
  INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
  SELECT gen_random_uuid(), u.tenant_id, u.callback_url, u.id, u.run, 'job.cancelled'
  FROM u WHERE u.callback_url IS NOT NULL AND u.batch_id IS NULL AND u.status = 'cancelled'
  ON CONFLICT DO NOTHING
)
SELECT l.id, l.kind, l.queue, l.run, l.attempt, coalesce(u.status, l.status) AS status, u.id IS NOT NULL AS accepted,
  u.batch_id AS "batchId"
FROM l LEFT JOIN u ON u.id = l.id`;

/** Cancels the tenant's jobs among `ids`; unknown ones are left out of the answer. */
export function cancelJobs(sql: Sql, tenantId: string, ids: string[]): Promise<CancelOutcome[]> {
  return sql.query<CancelOutcome>(
    cancel.replace("WITH l", "WITH targets AS (SELECT unnest($2::uuid[]) AS id), l"),
    [tenantId, ids],
  );
}

/** Cancels every open job of a batch; finished ones stay. `finishBatches` then ends the batch. */
export async function cancelBatch(
  sql: Sql,
  tenantId: string,
  batchId: string,
): Promise<CancelOutcome[]> {
  const outcomes = await sql.query<CancelOutcome>(
    cancel.replace(
      "WITH l",
      `WITH targets AS (SELECT id FROM jobs WHERE tenant_id = $1 AND batch_id = $2::uuid
         AND status IN ('queued', 'processing')), l`,
    ),
    [tenantId, batchId],
  );
  if (outcomes.some((outcome) => outcome.accepted)) {
    await sql.query(
      `UPDATE batches SET cancelled_at = coalesce(cancelled_at, now())
       WHERE id = $1 AND tenant_id = $2`,
      [batchId, tenantId],
    );
  }
  return outcomes;
}
