import { ApiError, errorSentence, inUtc, type Language, type Priority } from "@ilgam/contracts";
import type { Submission } from "@ilgam/db";
import type { AwaitedJob, AwaitJob } from "../../awaiting/await-job.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { complexityOf } from "../complexity.ts";
import { AiAnalysisResult, aiAnalysis, type Complexity } from "../contract.ts";
import type { Estimate } from "./estimate.ts";
import { type Routing, waitFor } from "./routing.ts";
import { type JobEnded, JobQueued, type JobRequest } from "./schemas.ts";

export type SubmitDependencies = Pick<RouteDependencies, "db" | "submitter"> & {
  awaitJob: AwaitJob;
  estimate: Estimate;
  routing: Routing;
};

export type Caller = {
  tenantId: string;
  language: Language;
  idempotencyKey: string | undefined;
  /** Aborts when the client has gone. The job goes on. */
  signal: AbortSignal;
};

/** What is remembered under an Idempotency-Key of a request that waits: whom to wait for. */
type Awaited = { jobId: string };

/**
 * Stores the question as a job, then waits for its end if the routing says so. Durable when it
 * resolves, and before anything is waited for.
 * @throws ApiError input_too_large, idempotency_conflict
 */
export async function submitAiJob(
  deps: SubmitDependencies,
  body: JobRequest,
  caller: Caller,
): Promise<JobQueued | JobEnded> {
  const { complexity } = complexityOf(body.query);
  const runAt = body.runAt && inUtc(body.runAt);
  const wait = waitFor(deps.routing, { complexity, runAt });
  const { submission, announce } = await deps.submitter.prepare(
    requestOf(body, { ...caller, runAt, complexity, isAwaited: wait?.ahead === true }),
  );
  const [job] = submission.jobs;
  if (!job) throw new Error("a submission without a batch has a job");
  const place = { type: body.type, complexity, runAt, virtualStart: job.virtualStart };
  const queued = async (jobId: string): Promise<JobQueued> => ({
    ...{ jobId, status: "queued", pollUrl: `/api/ai/jobs/${jobId}` },
    estimatedTime: await deps.estimate({ ...place, id: jobId }),
    complexity,
  });

  const answering = wait ? undefined : queued(job.id);
  // Only an answer that is kept has to be known before the job is stored.
  if (answering && submission.idempotency) submission.idempotency.response = await answering;
  const [answer, replayed] = await Promise.all([answering, store(deps, submission, announce)]);
  const known = JobQueued.safeParse(replayed ?? answer);
  if (known.success) return known.data;
  const { jobId } = (replayed as Awaited | undefined) ?? { jobId: job.id };
  const { tenantId, signal, language } = caller;
  const patienceMs = wait?.patienceMs ?? 0;
  const seen = await deps.awaitJob({ tenantId, jobId, patienceMs, signal });
  return endedOf(seen, { jobId, complexity, language }) ?? queued(jobId);
}

/** Stores it and tells the workers, or answers what was kept under its key. */
async function store(
  { db }: Pick<SubmitDependencies, "db">,
  submission: Submission,
  announce: () => void,
): Promise<unknown> {
  const outcome = await db.submit(submission);
  if (outcome.status === "conflict") throw new ApiError("idempotency_conflict");
  if (outcome.status === "replayed") return outcome.response;
  announce();
  return undefined;
}

function requestOf(
  body: JobRequest,
  more: Caller & { runAt: string | undefined; complexity: Complexity; isAwaited: boolean },
) {
  const { type, query } = body;
  const metadata = body.metadata ?? {};
  const asked = body.options?.priority ?? body.priority ?? undefined;
  // Somebody sits before it and waits.
  const priority: Priority = asked ?? (more.isAwaited ? "high" : "normal");
  const callbackUrl = body.callback_url ?? body.callbackUrl;
  const { tenantId, runAt, complexity, idempotencyKey: key } = more;
  return {
    tenantId,
    kind: aiAnalysis.kind,
    jobs: [{ input: { type, query, metadata, complexity }, priority, runAt, callbackUrl }],
    ...(key !== undefined && {
      idempotency: {
        route: "POST /api/ai/jobs",
        key,
        content: { type, query, metadata, priority: asked, callbackUrl, runAt },
        response: ({ ids }: { ids: string[] }): Awaited => ({ jobId: ids[0] as string }),
      },
    }),
  };
}

/** The answer about a job that has ended; undefined for one that goes on. */
function endedOf(
  seen: AwaitedJob | undefined,
  job: { jobId: string; complexity: Complexity; language: Language },
): JobEnded | undefined {
  const { jobId, complexity, language } = job;
  if (seen?.status === "completed") {
    const result = AiAnalysisResult.parse(seen.output);
    return { jobId, status: "completed", result, complexity };
  }
  if (seen?.status !== "failed" && seen?.status !== "cancelled") return undefined;
  const error = seen.error ? { error: errorSentence(seen.error, language) } : {};
  return { jobId, status: seen.status, result: null, ...error, complexity };
}
