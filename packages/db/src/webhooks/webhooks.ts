import type { Sql } from "../connection/sql.ts";
import { newId } from "../ids.ts";
import type { TenantScope } from "../reads/job-row.ts";

export type Webhook = {
  id: string;
  tenantId: string;
  endpoint: string;
  /** Job or batch. */
  subjectId: string;
  /** Run of the job; 1 for a batch. */
  run: number;
  /** `job.completed`, `job.failed`, `job.cancelled` or `batch.finished`. */
  event: string;
  createdAt: Date;
  /** Null until the sweeper has made the job that delivers it. */
  jobId: string | null;
};

const columns = `w.id, w.tenant_id AS "tenantId", w.endpoint, w.subject_id AS "subjectId", w.run,
  w.event, w.created_at AS "createdAt", w.job_id AS "jobId"`;

/** Webhooks without a job, the oldest first. */
export function unsentWebhooks(
  sql: Sql,
  limit: number,
): Promise<Pick<Webhook, "id" | "tenantId">[]> {
  return sql.query(
    `SELECT id, tenant_id AS "tenantId" FROM webhook_deliveries WHERE job_id IS NULL
     ORDER BY created_at, id LIMIT $1`,
    [limit],
  );
}

/** Gives webhooks their jobs; answers the ids of the jobs that are now theirs. */
export async function assignWebhookJobs(
  tx: Sql,
  wanted: { id: string; jobId: string }[],
): Promise<string[]> {
  const rows = await tx.query<{ jobId: string }>(
    `WITH req AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "jobId" uuid)
     ), l AS MATERIALIZED (
       SELECT w.id, r."jobId" FROM webhook_deliveries w JOIN req r ON r.id = w.id
       WHERE w.job_id IS NULL ORDER BY w.id FOR UPDATE OF w
     )
     UPDATE webhook_deliveries w SET job_id = l."jobId" FROM l WHERE w.id = l.id
     RETURNING w.job_id AS "jobId"`,
    [JSON.stringify(wanted)],
  );
  return rows.map((row) => row.jobId);
}

/** Lets the sweeper make a new job for a webhook whose old one has been deleted. */
export async function forgetWebhookJob(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `UPDATE webhook_deliveries w SET job_id = NULL
     WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = w.job_id)`,
    [id],
  );
}

/** A webhook that waits for its next attempt is tried now; false when its job waits for nothing. */
export async function hastenWebhook(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    `WITH l AS MATERIALIZED (
       SELECT j.id FROM jobs j JOIN webhook_deliveries w ON w.job_id = j.id
       WHERE w.id = $1 AND j.status = 'queued' FOR UPDATE OF j
     )
     UPDATE jobs SET run_at = least(run_at, now()), check_at = now(), dispatch = dispatch + 1
     FROM l WHERE jobs.id = l.id RETURNING 1`,
    [id],
  );
  return rows.length > 0;
}

/** The tenant's webhook, or undefined. */
export async function findWebhook(
  sql: Sql,
  scope: TenantScope,
  id: string,
): Promise<Webhook | undefined> {
  const [row] = await sql.query<Webhook>(
    `SELECT ${columns} FROM webhook_deliveries w
     WHERE w.id = $1 AND ($2::text IS NULL OR w.tenant_id = $2)`,
    [id, scope],
  );
  return row;
}

export type WebhookAttempt = {
  /** Run and attempt of the job that delivers. */
  jobRun: number;
  attempt: number;
  /** HTTP status; null when no answer came. */
  status: number | null;
  durationMs: number;
  /** Why it was no delivery; null for one. */
  error: string | null;
  /** How the answer began; null when none came. */
  answer: string | null;
};

/** Keeps what a receiver answered. */
export async function recordWebhookAttempt(
  sql: Sql,
  deliveryId: string,
  attempt: WebhookAttempt,
): Promise<void> {
  const { jobRun, attempt: number, status, durationMs, error, answer } = attempt;
  await sql.query(
    `INSERT INTO webhook_attempts (id, delivery_id, job_run, attempt, status, duration_ms, error,
       answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [newId(), deliveryId, jobRun, number, status, Math.round(durationMs), error, answer],
  );
}

export type WebhookHistory = Webhook & {
  /** Of the job that delivers it; null without one. */
  jobStatus: string | null;
  /** When it is retried; null when it is not waiting for that. */
  nextAt: Date | null;
  attempts: (WebhookAttempt & { at: string })[];
};

const newestAttempts = 50;

/** The webhooks of a job or batch, the oldest first, with their newest 50 attempts each. */
export function listWebhooks(
  sql: Sql,
  scope: TenantScope,
  subjectId: string,
): Promise<WebhookHistory[]> {
  return sql.query<WebhookHistory>(
    `SELECT ${columns}, j.status AS "jobStatus",
       CASE WHEN j.status = 'queued' THEN j.run_at END AS "nextAt",
       coalesce((SELECT jsonb_agg(jsonb_build_object('jobRun', a.job_run, 'attempt', a.attempt,
           'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'status', a.status, 'durationMs', a.duration_ms, 'error', a.error, 'answer', a.answer)
           ORDER BY a.at, a.id)
         FROM (SELECT * FROM webhook_attempts a WHERE a.delivery_id = w.id
           ORDER BY a.at DESC, a.id DESC LIMIT ${newestAttempts}) a), '[]') AS attempts
     FROM webhook_deliveries w LEFT JOIN jobs j ON j.id = w.job_id
     WHERE w.subject_id = $1 AND ($2::text IS NULL OR w.tenant_id = $2)
     ORDER BY w.created_at, w.id`,
    [subjectId, scope],
  );
}
