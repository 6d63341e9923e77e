import { ApiError, type JobStatus } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { RouteDependencies } from "../route-dependencies.ts";
import { DocumentCountResult, defaultSources, documentCount } from "./contract.ts";
import type { CountStore } from "./count-store.ts";
import { pause } from "./outlast-outage.ts";
import { resultOf } from "./result-of.ts";

/** How long a caller waits, milliseconds. */
const patienceMs = 10_000;
const firstPollMs = 25;
const slowestPollMs = 100;
const retryAfterSeconds = 5;

export type CountOneDependencies = Pick<RouteDependencies, "submitter"> & {
  sql: Sql;
  store: CountStore;
};

/**
 * One keyword's counts from the default sources: from the cache, else by an ordinary stored job of
 * high priority that is awaited for 10 s. The job goes on when its caller has gone, so a second
 * call finds the counts.
 * @throws ApiError upstream_busy when it takes longer, failed, or `signal` aborts
 */
export async function countOne(
  deps: CountOneDependencies,
  request: { tenantId: string; keyword: string; signal: AbortSignal },
): Promise<DocumentCountResult> {
  const { tenantId, keyword, signal } = request;
  const known = await deps.store.read(keyword, defaultSources);
  if (known.length === defaultSources.length) return resultOf(keyword, inOrder(known), true);
  const submitted = await deps.submitter.submit({
    tenantId,
    kind: documentCount.kind,
    jobs: [{ input: { keyword, sources: defaultSources }, priority: "high" }],
  });
  const [jobId] = submitted.status === "accepted" ? submitted.ids : [];
  if (jobId === undefined) throw new Error("a submission without a key is accepted");
  return awaitResult(deps.sql, tenantId, jobId, signal);
}

function inOrder<T extends { source: (typeof defaultSources)[number] }>(counts: T[]): T[] {
  return counts.sort((a, b) => defaultSources.indexOf(a.source) - defaultSources.indexOf(b.source));
}

type Look = {
  status: JobStatus;
  dueInMs: number;
  error: { message: string } | null;
  output: unknown;
};

const look = `
SELECT j.status, extract(epoch FROM j.run_at - now())::float8 * 1000 AS "dueInMs", j.error, r.output
FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id AND r.run = j.run
WHERE j.id = $1 AND j.tenant_id = $2`;

async function awaitResult(
  sql: Sql,
  tenantId: string,
  jobId: string,
  signal: AbortSignal,
): Promise<DocumentCountResult> {
  const deadline = performance.now() + patienceMs;
  for (let waitMs = firstPollMs; ; waitMs = Math.min(slowestPollMs, waitMs * 1.5)) {
    await pause(waitMs, signal);
    const [job] = await sql.query<Look>(look, [jobId, tenantId]);
    if (job?.status === "completed") return DocumentCountResult.parse(job.output);
    if (job?.status === "failed" || job?.status === "cancelled") throw busy(job.error?.message);
    const leftMs = deadline - performance.now();
    // Put off beyond the caller's patience (a spent quota, a retry): no use in waiting for it.
    if (job?.status === "queued" && job.dueInMs > leftMs) throw busy(undefined, job.dueInMs);
    if (leftMs <= 0) throw busy();
  }
}

function busy(problem?: string, dueInMs = retryAfterSeconds * 1_000): ApiError {
  return new ApiError("upstream_busy", {
    retryAfterSeconds: Math.max(1, Math.ceil(dueInMs / 1_000)),
    ...(problem !== undefined && { details: [{ path: "keyword", problem }] }),
  });
}
