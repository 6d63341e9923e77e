import type { Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

export type ClaimRequest = {
  id: string;
  workerId: string;
  /** Made new for each delivery: a repeated claim whose reply was lost finds itself by it. */
  token: string;
};

/** A job in progress: everything a worker needs to run it. */
export type ClaimedJob = {
  id: string;
  tenantId: string;
  kind: string;
  queue: string;
  priority: Priority;
  run: number;
  epoch: number;
  attempt: number;
  maxAttempts: number;
  crashCount: number;
  snoozes: number;
  batchId: string | null;
  position: number | null;
  tags: string[];
  metadata: Record<string, unknown>;
  /** W3C traceparent of the span that submitted it; null when it was not traced. */
  traceContext: string | null;
  /** From when it was due to this claim, milliseconds. */
  waitedMs: number;
  input: unknown;
};

export type ClaimOutcome =
  | { status: "claimed"; job: ClaimedJob }
  /** Not due by the database's clock, or a suspect whose process runs another one. */
  | { status: "early"; inMs: number }
  /** Another has it, it has ended, or it never was: drop the delivery quietly. */
  | { status: "gone" };

const handed = `id, tenant_id, kind, queue, priority, run, epoch, attempt, max_attempts, crash_count,
  snoozes, batch_id, position, tags, metadata, trace_context,
  claimed_at`;

/*
 * A row that was claimed before is read from `l`, never from jobs: the lock waits for a first claim
 * that is still committing, and only the locked version knows its epoch; the snapshot does not.
 */
/**
 * A job that was in progress at two crashes is a suspect: it runs with no other suspect in its process,
 * so that the third crash finds the guilty one. From the first crash on it would be one of many
 * innocent neighbours, and after a single kill -9 long jobs would run one by one.
 */
export const suspectFromCrashes = 2;
const suspectWaitMs = 300;

const claim = `
WITH req AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, worker_id uuid, token uuid)
), l AS MATERIALIZED (
  SELECT j.*, r.worker_id AS holder, r.token
  FROM jobs j JOIN req r ON r.id = j.id ORDER BY j.id FOR UPDATE OF j
), suspects AS (
  SELECT id, holder, row_number() OVER (PARTITION BY holder ORDER BY id) AS turn FROM l
  WHERE status = 'queued' AND run_at <= now() AND crash_count >= ${suspectFromCrashes}
), waiting AS (
  SELECT id FROM suspects s WHERE turn > 1 OR EXISTS (
    SELECT 1 FROM jobs o WHERE o.worker_id = s.holder AND o.status = 'processing'
      AND o.crash_count >= ${suspectFromCrashes})
), u AS (
  UPDATE jobs j SET status = 'processing', epoch = j.epoch + 1, attempt = j.attempt + 1,
    worker_id = l.holder, claim_token = l.token, started_at = coalesce(j.started_at, now()),
    claimed_at = now(), wait_reason = NULL
  FROM l WHERE j.id = l.id AND l.status = 'queued' AND l.run_at <= now()
    AND (l.expires_at IS NULL OR l.expires_at > now() OR l.started_at IS NOT NULL)
    AND l.id NOT IN (SELECT id FROM waiting)
  RETURNING j.*
), events AS (
  INSERT INTO job_events (job_id, run, type, data)
  SELECT id, run, 'state', jsonb_build_object('status', 'processing', 'attempt', attempt) FROM u
), mine AS (
  SELECT claim_token AS token, ${handed} FROM u
  UNION ALL
  SELECT token, ${handed} FROM l WHERE status = 'processing' AND claim_token = token
)
SELECT l.id AS requested, l.token,
  l.status = 'queued' AND (l.run_at > now() OR w.id IS NOT NULL) AS early,
  greatest(extract(epoch FROM l.run_at - now())::float8 * 1000,
    CASE WHEN w.id IS NOT NULL THEN ${suspectWaitMs} ELSE 0 END) AS in_ms,
  m.id IS NOT NULL AS claimed, m.tenant_id, m.kind, m.queue, m.priority, m.run, m.epoch, m.attempt,
  m.max_attempts, m.crash_count, m.snoozes, m.batch_id, m.position, m.tags, m.metadata,
  m.trace_context, i.input,
  greatest(extract(epoch FROM m.claimed_at - l.run_at)::float8 * 1000, 0) AS waited_ms
FROM l LEFT JOIN mine m ON m.token = l.token LEFT JOIN waiting w ON w.id = l.id
  LEFT JOIN job_inputs i ON i.job_id = m.id`;

type ClaimRow = {
  requested: string;
  token: string;
  early: boolean;
  in_ms: number;
  claimed: boolean;
  tenant_id: string;
  kind: string;
  queue: string;
  priority: Priority;
  run: number;
  epoch: number;
  attempt: number;
  max_attempts: number;
  crash_count: number;
  snoozes: number;
  batch_id: string | null;
  position: number | null;
  tags: string[];
  metadata: Record<string, unknown>;
  trace_context: string | null;
  waited_ms: number;
  input: unknown;
};

function outcomeOf(row: ClaimRow | undefined): ClaimOutcome {
  if (!row) return { status: "gone" };
  if (row.early) return { status: "early", inMs: Math.max(1, Math.ceil(row.in_ms)) };
  if (!row.claimed) return { status: "gone" };
  return {
    status: "claimed",
    job: {
      id: row.requested,
      tenantId: row.tenant_id,
      kind: row.kind,
      queue: row.queue,
      priority: row.priority,
      run: row.run,
      epoch: row.epoch,
      attempt: row.attempt,
      maxAttempts: row.max_attempts,
      crashCount: row.crash_count,
      snoozes: row.snoozes,
      batchId: row.batch_id,
      position: row.position,
      tags: row.tags,
      metadata: row.metadata,
      traceContext: row.trace_context,
      waitedMs: row.waited_ms,
      input: row.input,
    },
  };
}

/** Claims jobs, each at most once: queued, due and not expired → processing, epoch + 1. */
export async function claimAll(sql: Sql, requests: ClaimRequest[]): Promise<ClaimOutcome[]> {
  const rows = await sql.query<ClaimRow>(claim, [
    JSON.stringify(requests.map(({ id, workerId, token }) => ({ id, worker_id: workerId, token }))),
  ]);
  const byToken = new Map(rows.map((row) => [row.token, row]));
  return requests.map((request) => outcomeOf(byToken.get(request.token)));
}
