import { errorSentence, type JobError } from "@ilgam/contracts";
import type { Sql, Webhook } from "@ilgam/db";

/** A larger result is left out of the message; the receiver asks for it. */
const largestResultBytes = 256 * 1024;

type JobRow = {
  id: string;
  kind: string;
  tags: string[];
  metadata: unknown;
  createdAt: Date;
  finishedAt: Date | null;
  error: JobError | null;
  output: unknown;
  hasResult: boolean;
};

type BatchRow = {
  id: string;
  publicId: string;
  kind: string;
  metadata: unknown;
  total: number;
  createdAt: Date;
  finishedAt: Date | null;
  counts: Record<string, number>;
};

/**
 * What a webhook says, as JSON; undefined when its job or batch has been deleted. The job may have
 * had another run since: the message is about the run that ended.
 */
export async function messageOf(sql: Sql, webhook: Webhook): Promise<string | undefined> {
  const isBatch = webhook.event.startsWith("batch.");
  const data = isBatch ? await batchData(sql, webhook) : await jobData(sql, webhook);
  if (!data) return undefined;
  const { event: type, createdAt } = webhook;
  return JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
}

async function jobData(sql: Sql, { subjectId, tenantId, run, event }: Webhook) {
  const [job] = await sql.query<JobRow>(
    `SELECT j.id, j.kind, coalesce(j.tags, '{}') AS tags, j.metadata, j.created_at AS "createdAt",
       CASE WHEN j.run = $3 THEN j.finished_at END AS "finishedAt",
       CASE WHEN j.run = $3 THEN j.error ELSE (SELECT e.data -> 'error' FROM job_events e
         WHERE e.job_id = j.id AND e.run = $3 AND e.type = 'state' AND e.data ? 'error'
         ORDER BY e.seq DESC LIMIT 1) END AS error,
       r.output, r.job_id IS NOT NULL AS "hasResult"
     FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id AND r.run = $3
     WHERE j.id = $1 AND j.tenant_id = $2`,
    [subjectId, tenantId, run],
  );
  if (!job) return undefined;
  const { error, output, hasResult, createdAt, finishedAt, ...rest } = job;
  const status = event.replace("job.", "");
  const isTooLarge =
    hasResult && Buffer.byteLength(JSON.stringify(output ?? null)) > largestResultBytes;
  return {
    ...rest,
    ...{ run, status },
    result: hasResult && !isTooLarge ? output : null,
    ...(isTooLarge && { resultUrl: `/v1/jobs/${subjectId}/result?run=${run}` }),
    error:
      error && status !== "completed" ? { code: error.code, message: errorSentence(error) } : null,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

async function batchData(sql: Sql, { subjectId, tenantId }: Webhook) {
  const [batch] = await sql.query<BatchRow>(
    `SELECT b.id, b.public_id AS "publicId", b.kind, b.metadata, b.total,
       b.created_at AS "createdAt", b.finished_at AS "finishedAt",
       (SELECT coalesce(jsonb_object_agg(status, count), '{}') FROM (
         SELECT status, count(*) AS count FROM jobs WHERE batch_id = b.id GROUP BY status) c
       ) AS counts
     FROM batches b WHERE b.id = $1 AND b.tenant_id = $2`,
    [subjectId, tenantId],
  );
  if (!batch) return undefined;
  const { createdAt, finishedAt, ...rest } = batch;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
