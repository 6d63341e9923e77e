import type { Sql } from "@ilgam/db";
import type { Storage } from "@ilgam/storage";
import { z } from "zod";
import { deletionOf } from "../../deleting/delete-jobs.ts";
import type { JobContext } from "../../handling/job-context.ts";
import { cleanUpTasks } from "../../image-analysis/clean-up-tasks.ts";
import type { FileStore } from "../../uploads/file-store.ts";
import { sweepFiles } from "./sweep-files.ts";

const positive = (fallback: number) => z.coerce.number().positive().max(876_000).default(fallback);

const RetentionEnv = z.object({
  JOB_RETENTION_DAYS: positive(30).pipe(z.number().max(36_500)),
  EVENT_RETENTION_DAYS: positive(7).pipe(z.number().max(36_500)),
  FILES_RETENTION_HOURS: positive(24),
  USAGE_RETENTION_DAYS: positive(730).pipe(z.number().max(36_500)),
  IMAGE_TASK_RETENTION_HOURS: positive(24),
});

/** Rows of one statement: small, so that no lock is held for long. */
const pageSize = 1_000;

type Sweep = { what: string; keptDays: number; sql: string };

/*
 * Each statement deletes at most $2 rows' worth that are older than $1 days. A batch leaves only
 * after its jobs, and a finished job takes everything that hangs on it along.
 */
function sweepsOf(kept: z.infer<typeof RetentionEnv>): Sweep[] {
  const { JOB_RETENTION_DAYS: jobDays, EVENT_RETENTION_DAYS: eventDays } = kept;
  const usageDays = kept.USAGE_RETENTION_DAYS;
  const finished = "('completed', 'failed', 'cancelled')";
  return [
    {
      what: "events",
      keptDays: eventDays,
      sql: `DELETE FROM job_events WHERE (job_id, seq) IN (
        SELECT e.job_id, e.seq FROM jobs j JOIN job_events e ON e.job_id = j.id
        WHERE j.status IN ${finished} AND j.finished_at < now() - $1 * interval '1 day' LIMIT $2)
        RETURNING 1`,
    },
    {
      what: "jobs",
      keptDays: jobDays,
      sql: deletionOf(`SELECT id FROM jobs WHERE status IN ${finished}
        AND finished_at < now() - $1 * interval '1 day'
        ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED`),
    },
    {
      what: "batches",
      keptDays: jobDays,
      sql: `DELETE FROM batches WHERE id IN (
        SELECT id FROM batches b WHERE finished_at < now() - $1 * interval '1 day'
          AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id) LIMIT $2) RETURNING 1`,
    },
    {
      what: "webhooks",
      keptDays: jobDays,
      sql: `WITH gone AS (DELETE FROM webhook_deliveries WHERE id IN (
          SELECT id FROM webhook_deliveries w WHERE created_at < now() - $1 * interval '1 day'
            AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = w.job_id)
            AND job_id IS NOT NULL LIMIT $2)
        RETURNING id), calls AS (
          DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM gone))
        SELECT id FROM gone`,
    },
    {
      what: "idempotency keys",
      keptDays: 0,
      sql: `DELETE FROM idempotency_keys WHERE (tenant_id, route, key) IN (
        SELECT tenant_id, route, key FROM idempotency_keys
        WHERE expires_at < now() - $1 * interval '1 day' LIMIT $2) RETURNING 1`,
    },
    {
      what: "workers",
      keptDays: 1,
      sql: `DELETE FROM worker_leases WHERE worker_id IN (
        SELECT worker_id FROM worker_leases
        WHERE lease_until < now() - $1 * interval '1 day' AND dead_at IS NOT NULL LIMIT $2)
        RETURNING 1`,
    },
    {
      // By then none is told again.
      what: "calls",
      keptDays: 1,
      sql: `DELETE FROM job_calls WHERE id IN (
        SELECT id FROM job_calls WHERE at < now() - $1 * interval '1 day' LIMIT $2) RETURNING 1`,
    },
    {
      what: "usage",
      keptDays: usageDays,
      sql: `DELETE FROM usage_hours WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM usage_hours WHERE hour < now() - $1 * interval '1 day' LIMIT $2))
        RETURNING 1`,
    },
    {
      what: "counts",
      keptDays: jobDays,
      sql: `DELETE FROM document_counts WHERE (keyword, source) IN (
        SELECT keyword, source FROM document_counts
        WHERE fetched_at < now() - $1 * interval '1 day'
          AND (fetch_until IS NULL OR fetch_until < now()) LIMIT $2) RETURNING 1`,
    },
  ];
}

/**
 * Deletes page by page what is too old; stopped in the middle, the next one goes on.
 * Files come last: while their store is away the rest is deleted all the same.
 * @throws Error at creation when a `…_RETENTION_…` setting is wrong
 */
export function createRetentionProcessor(deps: {
  sql: Sql;
  storage: Pick<Storage, "delete" | "removeAbandoned">;
  files: Pick<FileStore, "remove">;
  env: Record<string, string | undefined>;
}): (
  context: Pick<JobContext<unknown>, "signal" | "progress">,
) => Promise<{ deleted: Record<string, number> }> {
  const kept = readEnv(deps.env);
  const sweeps = sweepsOf(kept);
  return async ({ signal, progress }) => {
    const deleted: Record<string, number> = {};
    for (const [index, { what, keptDays, sql }] of sweeps.entries()) {
      progress((index / (sweeps.length + 1)) * 100, what);
      let page: unknown[];
      do {
        signal.throwIfAborted();
        page = await deps.sql.query(sql, [keptDays, pageSize]);
        deleted[what] = (deleted[what] ?? 0) + page.length;
      } while (page.length === pageSize);
    }
    progress((sweeps.length / (sweeps.length + 1)) * 100, "files");
    const maxAgeHours = kept.IMAGE_TASK_RETENTION_HOURS;
    const tasks = await cleanUpTasks(deps, { maxAgeHours, signal });
    const files = await sweepFiles(deps, { keptHours: kept.FILES_RETENTION_HOURS, signal });
    return { deleted: { ...deleted, "image tasks": tasks, ...files } };
  };
}

function readEnv(env: Record<string, string | undefined>): z.infer<typeof RetentionEnv> {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = RetentionEnv.safeParse(filled);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join("."));
  throw new Error(`${names.join(", ")} must be a number above 0`);
}
