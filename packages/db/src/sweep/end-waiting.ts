import type { Sql } from "../connection/sql.ts";
import type { SweptJob } from "./swept-job.ts";

/**
 * Queued jobs that had to start by now fail as expired, and by the fault of the provider where they
 * wait for one: those too that had begun.
 */
export function expireOverdue(tx: Sql): Promise<SweptJob[]> {
  return endWaiting(tx, "expires_at <= now() AND (started_at IS NULL OR held_since IS NOT NULL)");
}

/** Jobs of these queues whose provider has been away for longer than they wait for one fail. */
export function endLongHolds(
  sql: Sql,
  queues: readonly string[],
  maxHoldMs: number,
): Promise<SweptJob[]> {
  const condition = "queue = ANY($1) AND held_since < now() - $2 * interval '1 ms'";
  return endWaiting(sql, condition, [queues, maxHoldMs]);
}

function endWaiting(sql: Sql, condition: string, values: unknown[] = []): Promise<SweptJob[]> {
  return sql.query<SweptJob>(
    `WITH l AS MATERIALIZED (
       SELECT id FROM jobs WHERE status = 'queued' AND ${condition}
       ORDER BY id LIMIT 1000 FOR UPDATE
     ), u AS (
       UPDATE jobs j SET status = 'failed', finished_at = now(), wait_reason = NULL,
         held_since = NULL, error = CASE WHEN j.held_since IS NULL
           THEN jsonb_build_object('code', 'expired', 'message', 'it could not start in time')
           ELSE jsonb_build_object('code', 'provider_unavailable', 'message', j.wait_reason) END
       FROM l WHERE j.id = l.id RETURNING j.*
     ), webhooks AS (
       INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
       SELECT gen_random_uuid(), u.tenant_id, u.callback_url, u.id, u.run, 'job.failed'
       FROM u WHERE u.callback_url IS NOT NULL AND u.batch_id IS NULL ON CONFLICT DO NOTHING
     ), events AS (
       INSERT INTO job_events (job_id, run, type, data)
       SELECT id, run, 'state', jsonb_build_object('status', status, 'error', error) FROM u
     )
     SELECT id, status, kind, queue, run, attempt, trace_context AS "traceContext" FROM u`,
    values,
  );
}
