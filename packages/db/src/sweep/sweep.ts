import type { JobStatus, Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import { suspectFromCrashes } from "../jobs/claim.ts";

/** A queued job that may have to be put into Redis. */
export type DispatchableJob = {
  id: string;
  queue: string;
  priority: Priority;
  virtualStart: number;
  dispatch: number;
  /** Until it is due, milliseconds; 0 or less: now. */
  delayMs: number;
};

export type SweepReport = {
  /** False: another process sweeps, nothing was done. */
  held: boolean;
  /** Workers whose lease ran out, dead from now on. */
  dead: DeadWorker[];
  /** Jobs whose worker died: queued again, or failed as poison. */
  lost: LostJob[];
  /** Jobs that had to start by now: failed. */
  expired: SweptJob[];
};

export type DeadWorker = { workerId: string; host: string; pid: number };

export type SweptJob = {
  id: string;
  kind: string;
  queue: string;
  run: number;
  attempt: number;
  status: JobStatus;
  /** W3C traceparent of the span that submitted it; null when it was not traced. */
  traceContext: string | null;
};

/** `dispatch` is that of the delivery to the worker that died, `attempt` the one given back. */
export type LostJob = SweptJob & { dispatch: number };

const nothing: SweepReport = { held: false, dead: [], lost: [], expired: [] };

const advisoryLock = 4_951_607;
const dispatchable = `id, queue, priority, virtual_start AS "virtualStart", dispatch,
  extract(epoch FROM run_at - now())::float8 * 1000 AS "delayMs"`;

export type SweepOptions = {
  /** This process's own id as a sweeper. */
  sweeperId: string;
  /** No lease expires for so long after a restart of Postgres or a gap in sweeping. */
  leaseMs: number;
  /** A holder that has not swept for so long is replaced. */
  takeOverMs: number;
};

/**
 * One pass over what died: runs inside a transaction whose advisory lock makes the sweeper the
 * only one. The lock is transaction-level, so a frozen holder is replaced when its connection's
 * idle_in_transaction_session_timeout ends.
 */
export async function sweepOnce(tx: Sql, options: SweepOptions): Promise<SweepReport> {
  const [lock] = await tx.query<{ held: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS held", [
    advisoryLock,
  ]);
  if (!lock?.held) return nothing;
  const turn = await takeTurn(tx, options);
  if (!turn) return nothing;
  const dead = turn.guarded ? [] : await buryWorkers(tx);
  const lost = await reclaimLost(tx);
  const expired = await expireOverdue(tx);
  return { held: true, dead, lost, expired };
}

/**
 * This sweeper's turn, or undefined while another one sweeps. `guarded` while leases must not
 * expire: workers could not have renewed them through an outage.
 */
async function takeTurn(
  tx: Sql,
  { sweeperId, leaseMs, takeOverMs }: SweepOptions,
): Promise<{ guarded: boolean } | undefined> {
  const [row] = await tx.query<{ guarded: boolean }>(
    `UPDATE sweeper_state SET holder = $1,
       grace_until = CASE WHEN last_sweep_at < now() - $2 * interval '0.5 ms'
         THEN now() + $2 * interval '1 ms' ELSE grace_until END,
       last_sweep_at = now()
     WHERE id = 1 AND (holder IS NOT DISTINCT FROM $1
       OR last_sweep_at < now() - $3 * interval '1 ms')
     RETURNING grace_until > now()
       OR pg_postmaster_start_time() > now() - $2 * interval '1 ms' AS guarded`,
    [sweeperId, leaseMs, takeOverMs],
  );
  return row;
}

function buryWorkers(tx: Sql): Promise<DeadWorker[]> {
  return tx.query<DeadWorker>(
    `UPDATE worker_leases SET dead_at = now() WHERE dead_at IS NULL AND lease_until < now()
     RETURNING worker_id AS "workerId", host, pid`,
  );
}

/**
 * Jobs in the hands of a worker that is dead or unknown go back to the queue, the attempt given
 * back: a crash is not an attempt. The third crash makes a job poison. Of several suspects in the
 * same hands, which two claims at one moment can bring about, none is blamed: one is innocent.
 */
function reclaimLost(tx: Sql): Promise<LostJob[]> {
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

/**
 * Queued jobs that had to start by now fail as expired, and by the fault of the provider where they
 * wait for one: those too that had begun.
 */
function expireOverdue(tx: Sql): Promise<SweptJob[]> {
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

/** RETURNING knows no order, and equal places run in the order of their adds. */
function inOrder(jobs: DispatchableJob[]): DispatchableJob[] {
  return jobs.sort((a, b) => a.virtualStart - b.virtualStart || (a.id < b.id ? -1 : 1));
}

/**
 * Takes up to `limit` queued jobs whose check is due, and puts their next check 5 s away, so that
 * no pass looks at them twice while the caller asks Redis. Those that run first come first: after
 * a wipe of Redis it is the tail that does not fit into the window.
 */
export async function takeDueChecks(sql: Sql, limit: number): Promise<DispatchableJob[]> {
  const jobs = await sql.query<DispatchableJob>(
    `WITH l AS MATERIALIZED (
       SELECT id FROM (
         SELECT id FROM jobs WHERE status = 'queued' AND NOT parked AND check_at <= now()
         ORDER BY check_at, virtual_start LIMIT $1) due
       JOIN jobs USING (id)
       -- Once more on the row that is locked: another sweeper may have taken it meanwhile.
       WHERE jobs.status = 'queued' AND NOT jobs.parked AND jobs.check_at <= now()
       ORDER BY id FOR UPDATE OF jobs
     )
     UPDATE jobs SET check_at = greatest(now() + interval '5 s', run_at - interval '30 s') FROM l
     WHERE jobs.id = l.id AND jobs.status = 'queued'
     RETURNING ${dispatchable.replace("id,", "jobs.id,")}`,
    [limit],
  );
  return inOrder(jobs);
}

/** Redis knows these: look again in a minute, or soon after they were due. */
export async function confirmMirrored(sql: Sql, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET check_at = greatest(check_at, CASE
       WHEN run_at > now() THEN run_at + interval '2 s' ELSE now() + interval '60 s' END) FROM l
     WHERE jobs.id = l.id`,
    [ids],
  );
}

/** Redis does not know these: a new generation for each that is still queued. */
export async function nextDispatch(sql: Sql, ids: string[]): Promise<DispatchableJob[]> {
  if (ids.length === 0) return [];
  const jobs = await sql.query<DispatchableJob>(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET dispatch = dispatch + 1 FROM l WHERE jobs.id = l.id
     RETURNING ${dispatchable.replace("id,", "jobs.id,")}`,
    [ids],
  );
  return inOrder(jobs);
}

/** The add of these failed: look at once at those that should stand in Redis (due in 60 s). */
export async function checkNow(sql: Sql, ids: string[]): Promise<void> {
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       ORDER BY id FOR UPDATE)
     UPDATE jobs SET check_at = now() FROM l
     WHERE jobs.id = l.id AND jobs.run_at <= now() + interval '60 s'`,
    [ids],
  );
}

const recheckPage = 20_000;

/**
 * Redis was wiped or restarted: everything of these queues that should stand in it is looked at now,
 * what runs first first. In pages, because one statement over a large backlog would outlast the query's time limit
 * in every sweep, and nothing would ever be fed again.
 * @param tenantId only this tenant's jobs; null: all.
 */
export async function checkEverything(
  sql: Sql,
  queues: readonly string[],
  tenantId: string | null = null,
): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await sql.query(
      `WITH page AS (SELECT id FROM jobs WHERE status = 'queued' AND NOT parked
         AND check_at > now() AND run_at < now() + interval '60 s' AND queue = ANY($2)
         AND ($3::text IS NULL OR tenant_id = $3)
         ORDER BY virtual_start, id LIMIT $1
       ), l AS MATERIALIZED (
         SELECT jobs.id FROM jobs JOIN page USING (id) ORDER BY jobs.id FOR UPDATE OF jobs
       )
       UPDATE jobs SET check_at = now() FROM l
       WHERE jobs.id = l.id AND jobs.status = 'queued' RETURNING 1`,
      [recheckPage, queues, tenantId],
    );
    count += rows.length;
    // A page that others have meanwhile emptied in part is no reason to go on for ever.
    if (rows.length < recheckPage / 2) return count;
  }
}

/** Leaves jobs in Postgres until their queue's window has room. */
export async function parkJobs(sql: Sql, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `WITH l AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'queued'
       AND run_at <= now() ORDER BY id FOR UPDATE)
     UPDATE jobs SET parked = true FROM l WHERE jobs.id = l.id`,
    [ids],
  );
}

/** Queues that have parked jobs. */
export async function queuesWithParked(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT name FROM queues q WHERE EXISTS (
       SELECT 1 FROM jobs j WHERE j.queue = q.name AND j.status = 'queued' AND j.parked)`,
  );
  return rows.map((row) => row.name);
}

/**
 * Takes the first `limit` parked jobs of a queue out, in the order in which they are to run.
 * @param before only those that are to start before this second of virtual time; default all.
 */
export async function unparkJobs(
  sql: Sql,
  queue: string,
  limit: number,
  before?: number,
): Promise<DispatchableJob[]> {
  const jobs = await sql.query<DispatchableJob>(
    `WITH first AS (
       SELECT id FROM jobs WHERE queue = $1 AND status = 'queued' AND parked
         AND ($3::bigint IS NULL OR virtual_start < $3)
       ORDER BY virtual_start, id LIMIT $2
     ), l AS MATERIALIZED (
       SELECT jobs.id FROM jobs JOIN first USING (id)
       -- Once more on the row that is locked: another sweeper may have taken it meanwhile.
       WHERE jobs.status = 'queued' AND jobs.parked ORDER BY jobs.id FOR UPDATE OF jobs
     )
     UPDATE jobs SET parked = false, check_at = now() + interval '5 s', dispatch = dispatch + 1
     FROM l WHERE jobs.id = l.id AND jobs.status = 'queued'
     RETURNING ${dispatchable.replace("id,", "jobs.id,")}`,
    [queue, limit, before ?? null],
  );
  return inOrder(jobs);
}
