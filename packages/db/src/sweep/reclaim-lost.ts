import type { Sql } from "../connection/sql.ts";
import { suspectFromCrashes } from "../jobs/claim.ts";
import type { LostJob } from "./swept-job.ts";

/**
 * Jobs in the hands of a worker that is dead or unknown go back to the queue, the attempt given
 * back: a crash is not an attempt. The third crash makes a job poison. Of several suspects in the
 * same hands, which two claims at one moment can bring about, none is blamed: one is innocent.
 */
export function reclaimLost(tx: Sql): Promise<LostJob[]> {
  return tx.query<LostJob>(
    `WITH l AS MATERIALIZED (
       SELECT j.id, j.attempt, j.worker_id, j.claimed_at, j.cancel_requested_at, j.crash_count
       FROM jobs j WHERE j.status = 'processing' AND NOT EXISTS (
         SELECT 1 FROM worker_leases w WHERE w.worker_id = j.worker_id AND w.dead_at IS NULL)
       ORDER BY j.id LIMIT 1000 FOR UPDATE OF j
     ), crowded AS (
       SELECT worker_id FROM l WHERE crash_count >= ${suspectFromCrashes}
       GROUP BY worker_id HAVING count(*) > 1
     ), b AS (
       SELECT l.*, crash_count + CASE WHEN crash_count >= ${suspectFromCrashes}
         AND worker_id IN (SELECT worker_id FROM crowded) THEN 0 ELSE 1 END AS crashes FROM l
     ), n AS (
       SELECT b.*, CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
         WHEN crashes >= 3 THEN 'failed' ELSE 'queued' END AS next FROM b
     ), u AS (
       UPDATE jobs j SET status = l.next, worker_id = NULL, claim_token = NULL,
         crash_count = l.crashes, attempt = greatest(j.attempt - 1, 0),
         dispatch = j.dispatch + 1, parked = false, run_at = now(), check_at = now(),
         finished_at = CASE WHEN l.next <> 'queued' THEN now() END,
         wait_reason = CASE WHEN l.next = 'queued' THEN 'lost' END, held_since = NULL,
         error = CASE l.next
           WHEN 'failed' THEN jsonb_build_object('code', 'poison',
             'message', 'the worker process died three times while running this job')
           WHEN 'cancelled' THEN jsonb_build_object('code', 'cancelled', 'message', 'cancelled')
           ELSE j.error END
       FROM n l WHERE j.id = l.id RETURNING j.*
     ), attempts AS (
       INSERT INTO job_attempts (job_id, run, epoch, attempt, worker_id, started_at, outcome, error,
         tokens, unpriced_tokens, cost, models)
       SELECT u.id, u.run, u.epoch, l.attempt, l.worker_id, l.claimed_at, 'lost',
         jsonb_build_object('code', 'worker_lost', 'message', 'the worker process died'),
         c.tokens, c.unpriced, c.cost, coalesce(c.models, '{}')
       FROM u JOIN l ON l.id = u.id LEFT JOIN LATERAL (
         SELECT sum(tokens) AS tokens, sum(unpriced_tokens) AS unpriced, sum(cost) AS cost,
           array_agg(DISTINCT model) AS models
         FROM job_calls WHERE job_id = u.id AND epoch = u.epoch) c ON true
       ON CONFLICT DO NOTHING
     ), events AS (
       INSERT INTO job_events (job_id, run, type, data)
       SELECT id, run, 'state', jsonb_build_object('status', status, 'outcome', 'lost') FROM u
     ), webhooks AS (
       INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
       SELECT gen_random_uuid(), u.tenant_id, u.callback_url, u.id, u.run, 'job.' || u.status
       FROM u WHERE u.callback_url IS NOT NULL AND u.batch_id IS NULL AND u.status <> 'queued'
       ON CONFLICT DO NOTHING
     )
     SELECT u.id, u.status, u.kind, u.queue, u.run, l.attempt, u.dispatch - 1 AS dispatch,
       u.trace_context AS "traceContext"
     FROM u JOIN l ON l.id = u.id`,
  );
}
