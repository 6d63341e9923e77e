import { ApiError } from "@ilgam/contracts";
import type { AwaitJob, Wait } from "../../awaiting/await-job.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { DocumentCountResult, defaultSources, documentCount } from "../contract.ts";
import type { CountStore } from "../count-store.ts";
import { resultOf } from "../result-of.ts";

/** How long a caller waits, milliseconds. */
const patienceMs = 10_000;
const retryAfterSeconds = 5;

export type CountOneDependencies = Pick<RouteDependencies, "submitter"> & {
  awaitJob: AwaitJob;
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
  return awaitResult(deps.awaitJob, { tenantId, jobId, signal });
}

function inOrder<T extends { source: (typeof defaultSources)[number] }>(counts: T[]): T[] {
  return counts.sort((a, b) => defaultSources.indexOf(a.source) - defaultSources.indexOf(b.source));
}

async function awaitResult(awaitJob: AwaitJob, wait: Omit<Wait, "patienceMs">) {
  const job = await awaitJob({ ...wait, patienceMs });
  if (job?.status === "completed") return DocumentCountResult.parse(job.output);
  if (job?.status === "failed" || job?.status === "cancelled") throw busy(job.error?.message);
  // Put off beyond the caller's patience: a spent quota, a retry, a service that is away.
  const problem = job?.heldBy ?? undefined;
  throw job?.status === "queued" && job.dueInMs > 0 ? busy(problem, job.dueInMs) : busy(problem);
}

function busy(problem?: string, dueInMs = retryAfterSeconds * 1_000): ApiError {
  return new ApiError("upstream_busy", {
    retryAfterSeconds: Math.max(1, Math.ceil(dueInMs / 1_000)),
    ...(problem !== undefined && { details: [{ path: "keyword", problem }] }),
  });
}
