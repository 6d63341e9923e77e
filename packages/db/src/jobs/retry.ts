import type { JobStatus, Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

export type RetryOutcome = {
  id: string;
  /** The job's status before the call. */
  was: JobStatus;
  /** False when the job had not ended. */
  accepted: boolean;
  kind: string;
  /** After the call. */
  run: number;
  queue: string;
  priority: Priority;
  virtualStart: number;
  dispatch: number;
};

/**
 * Starts a new run of ended jobs: attempts from 0, history kept, result of the old run kept under
 * its number. The only way out of a terminal state.
 * @param virtualStart place in the queue's order, unix seconds of virtual time.
 */
export function retryJobs(
  sql: Sql,
  tenantId: string,
  ids: string[],
  virtualStart: number,
): Promise<RetryOutcome[]> {
  return sql.query<RetryOutcome>(
    `WITH l AS MATERIALIZED (
       SELECT j.id, j.status, j.kind, j.run, j.queue, j.priority, j.dispatch FROM jobs j
       WHERE j.tenant_id = $1 AND j.id = ANY($2::uuid[]) ORDER BY j.id FOR UPDATE OF j
     ), u AS (
       UPDATE jobs j SET status = 'queued', run = j.run + 1, attempt = 0, crash_count = 0,
         snoozes = 0, run_at = now(), expires_at = NULL, check_at = now() + interval '5 s',
         parked = false, dispatch = j.dispatch + 1, virtual_start = $3, worker_id = NULL,
         cancel_requested_at = NULL, progress = 0, step = NULL, wait_reason = NULL, held_since = NULL,
         error = NULL,
         started_at = NULL, claimed_at = NULL, finished_at = NULL
       FROM l WHERE j.id = l.id AND l.status IN ('completed', 'failed', 'cancelled')
       RETURNING j.*
     ), events AS (
       INSERT INTO job_events (job_id, run, type, data)
       SELECT id, run, 'state', jsonb_build_object('status', 'queued', 'run', run) FROM u
     ), reopened AS (
       UPDATE batches b SET finished_at = NULL, cancelled_at = NULL
       WHERE b.tenant_id = $1
           AND b.id IN (SELECT batch_id FROM u WHERE batch_id IS NOT NULL)
     )
     SELECT l.id, l.status AS was, u.id IS NOT NULL AS accepted, l.kind,
       coalesce(u.run, l.run) AS run, l.queue, l.priority,
       coalesce(u.virtual_start, 0) AS "virtualStart", coalesce(u.dispatch, l.dispatch) AS dispatch
     FROM l LEFT JOIN u ON u.id = l.id`,
    [tenantId, ids, Math.floor(virtualStart)],
  );
}
