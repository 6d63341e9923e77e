import type { Priority } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";

/** A job as it is written at submission. Times are relative to the database's clock. */
export type NewJob = {
  id: string;
  tenantId: string;
  kind: string;
  queue: string;
  priority: Priority;
  /** Unix seconds of virtual time; see fair-clock.ts. */
  virtualStart: number;
  /** Left in Postgres until the queue's window in Redis has room. */
  parked: boolean;
  maxAttempts: number;
  input: unknown;
  /** ISO 8601; the past means now. */
  runAt?: string | undefined;
  delayMs?: number | undefined;
  expiresInMs?: number | undefined;
  batchId?: string | undefined;
  position?: number | undefined;
  callbackUrl?: string | undefined;
  tags?: string[] | undefined;
  metadata?: Record<string, unknown> | undefined;
  /** W3C traceparent of the span that submits it. */
  traceContext?: string | undefined;
};

export type NewBatch = {
  id: string;
  publicId: string;
  tenantId: string;
  kind: string;
  total: number;
  /** Told once when the last job has ended. */
  callbackUrl?: string | undefined;
  metadata?: Record<string, unknown>;
};

export type IdempotencyClaim = {
  tenantId: string;
  route: string;
  key: string;
  /** sha256 of the parsed content: the same key with another hash is a conflict. */
  hash: string;
  /** The answer that a repetition gets. */
  response: unknown;
  ttlMs: number;
};

/** Jobs that are accepted together or not at all. `subjectId` is the batch's id or the lone job's. */
export type Submission = {
  subjectId: string;
  jobs: NewJob[];
  batch?: NewBatch | undefined;
  idempotency?: IdempotencyClaim | undefined;
};

export type SubmitOutcome =
  | { status: "accepted"; at: Date }
  | { status: "replayed"; response: unknown; subjectId: string; at: Date }
  | { status: "conflict" };

const insert = `
WITH sub AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS s(
    subject_id uuid, tenant_id text, route text, key text, hash text, response jsonb, ttl_ms float8)
), won AS (
  INSERT INTO idempotency_keys (tenant_id, route, key, hash, subject_id, response, expires_at,
    created_at)
  SELECT tenant_id, route, key, hash, subject_id, response, now() + ttl_ms * interval '1 ms',
    date_trunc('milliseconds', now())
  FROM sub WHERE key IS NOT NULL ORDER BY tenant_id, route, key
  ON CONFLICT DO NOTHING
  RETURNING subject_id
), accepted AS MATERIALIZED (
  SELECT subject_id FROM sub WHERE key IS NULL UNION ALL SELECT subject_id FROM won
), new_batches AS (
  INSERT INTO batches (id, public_id, tenant_id, kind, total, metadata, callback_url)
  SELECT b.id, b.public_id, b.tenant_id, b.kind, b.total, b.metadata, b.callback_url
  FROM jsonb_to_recordset($2::jsonb) AS b(
    id uuid, public_id text, tenant_id text, kind text, total int, metadata jsonb,
    callback_url text)
  WHERE b.id IN (SELECT subject_id FROM accepted)
), new_jobs AS MATERIALIZED (
  SELECT j.*, CASE
      WHEN j.start_at IS NOT NULL THEN greatest(j.start_at, now())
      ELSE now() + coalesce(j.delay_ms, 0) * interval '1 ms' END AS due
  FROM jsonb_to_recordset($3::jsonb) AS j(
    subject_id uuid, id uuid, tenant_id text, kind text, queue text, priority text,
    virtual_start bigint, parked boolean, max_attempts int, input jsonb, start_at timestamptz,
    delay_ms float8, expires_in_ms float8, batch_id uuid, position int, callback_url text,
    tags text[], metadata jsonb, trace_context text)
  WHERE j.subject_id IN (SELECT subject_id FROM accepted)
), inputs AS (
  INSERT INTO job_inputs (job_id, input) SELECT id, coalesce(input, 'null'::jsonb) FROM new_jobs
), jobs_in AS (
  INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, parked,
    max_attempts, run_at, expires_at, check_at, batch_id, position, callback_url, tags, metadata,
    trace_context, created_at)
  SELECT id, tenant_id, kind, queue, 'queued', priority,
    virtual_start + extract(epoch FROM due - now())::bigint,
    parked AND due <= now(), max_attempts, due,
    now() + expires_in_ms * interval '1 ms',
    CASE WHEN due > now() + interval '60 s' THEN due - interval '30 s' ELSE now() + interval '5 s' END,
    batch_id, position, callback_url, coalesce(tags, '{}'), coalesce(metadata, '{}'),
    trace_context, date_trunc('milliseconds', now())
  FROM new_jobs
)
SELECT subject_id, date_trunc('milliseconds', now()) AS at FROM accepted`;

function rowOfSubmission({ subjectId, idempotency: claim }: Submission) {
  if (!claim) return { subject_id: subjectId };
  return {
    subject_id: subjectId,
    tenant_id: claim.tenantId,
    route: claim.route,
    key: claim.key,
    hash: claim.hash,
    response: claim.response,
    ttl_ms: claim.ttlMs,
  };
}

function rowOfBatch(batch: NewBatch) {
  const { publicId, tenantId, callbackUrl, metadata = {}, ...rest } = batch;
  return {
    ...rest,
    metadata,
    public_id: publicId,
    tenant_id: tenantId,
    callback_url: callbackUrl,
  };
}

function rowOfJob(subjectId: string, job: NewJob) {
  return {
    subject_id: subjectId,
    id: job.id,
    tenant_id: job.tenantId,
    kind: job.kind,
    queue: job.queue,
    priority: job.priority,
    virtual_start: job.virtualStart,
    parked: job.parked,
    max_attempts: job.maxAttempts,
    input: job.input ?? null,
    start_at: job.runAt,
    delay_ms: job.delayMs,
    expires_in_ms: job.expiresInMs,
    batch_id: job.batchId,
    position: job.position,
    callback_url: job.callbackUrl,
    tags: job.tags,
    metadata: job.metadata,
    trace_context: job.traceContext,
  };
}

/**
 * Writes submissions, keys, batches, jobs and inputs in one statement. Committed when it returns;
 * inside a transaction it joins that. A submission whose key was taken writes nothing.
 */
export async function submitAll(sql: Sql, submissions: Submission[]): Promise<SubmitOutcome[]> {
  const rows = await sql.query<{ subject_id: string; at: Date }>(insert, [
    JSON.stringify(submissions.map(rowOfSubmission)),
    JSON.stringify(submissions.flatMap((one) => (one.batch ? [rowOfBatch(one.batch)] : []))),
    JSON.stringify(
      submissions.flatMap((one) => one.jobs.map((job) => rowOfJob(one.subjectId, job))),
    ),
  ]);
  const acceptedAt = new Map(rows.map((row) => [row.subject_id, row.at]));
  return Promise.all(
    submissions.map(async (submission) => {
      const at = acceptedAt.get(submission.subjectId);
      if (at) return { status: "accepted", at } as const;
      return replay(sql, submission);
    }),
  );
}

/**
 * The first answer under a key that was taken. A statement of its own: insert-or-select in one
 * returns nothing when the other insert commits in between.
 */
async function replay(sql: Sql, submission: Submission): Promise<SubmitOutcome> {
  const claim = submission.idempotency;
  if (!claim) throw new Error("a submission without a key is always accepted");
  const keyed = [claim.tenantId, claim.route, claim.key];
  const [first] = await sql.query<{
    hash: string;
    subject_id: string;
    response: unknown;
    created_at: Date;
    expired: boolean;
  }>(
    `SELECT hash, subject_id, response, created_at, expires_at < now() AS expired
     FROM idempotency_keys WHERE tenant_id = $1 AND route = $2 AND key = $3`,
    keyed,
  );
  if (!first || first.expired) {
    await sql.query(
      `DELETE FROM idempotency_keys
       WHERE tenant_id = $1 AND route = $2 AND key = $3 AND expires_at < now()`,
      keyed,
    );
    const [again] = await submitAll(sql, [submission]);
    return again as SubmitOutcome;
  }
  if (first.hash !== claim.hash) return { status: "conflict" };
  const { response, subject_id: subjectId, created_at: at } = first;
  return { status: "replayed", response, subjectId, at };
}
