import type { JobPolicy, JobSubmission, JobView, Language } from "@ilgam/contracts";
import type { JobRow } from "@ilgam/db";
import { toJobView } from "./to-job-view.ts";
import { waitingOn } from "./waiting-on.ts";

/** What a submission's answer is kept as: its times are the key's own. */
export type AcceptedJob = { id: string; maxAttempts: number };

/** The part of the answer that a repetition cannot work out by itself. */
export function acceptedJob(id: string, submission: JobSubmission, policy: JobPolicy): AcceptedJob {
  return { id, maxAttempts: submission.maxAttempts ?? policy.attempts };
}

function runAtOf({ runAt, delayMs }: JobSubmission, at: Date): Date {
  if (delayMs !== undefined) return new Date(at.getTime() + delayMs);
  return new Date(Math.max(at.getTime(), runAt === undefined ? 0 : Date.parse(runAt)));
}

/** The view of a job as it was accepted at `at`; the same for the first answer and every replay. */
export function acceptedView(
  { id, maxAttempts }: AcceptedJob,
  submission: JobSubmission,
  at: Date,
  { tenantId, language }: { tenantId: string; language: Language },
): JobView {
  const runAt = runAtOf(submission, at);
  const { kind, priority, tags, metadata, expiresInMs } = submission;
  const job: JobRow = {
    id,
    tenantId,
    kind,
    queue: kind,
    status: "queued",
    priority,
    progress: 0,
    step: null,
    run: 1,
    attempt: 0,
    maxAttempts,
    createdAt: at,
    runAt,
    expiresAt: expiresInMs === undefined ? null : new Date(at.getTime() + expiresInMs),
    startedAt: null,
    finishedAt: null,
    cancelRequestedAt: null,
    error: null,
    batchId: null,
    position: null,
    tags,
    metadata,
    callbackUrl: submission.callbackUrl ?? null,
    waitReason: null,
    heldSince: null,
    usage: { tokens: 0, unpricedTokens: 0, costUsd: 0 },
  };
  const dueInMs = runAt.getTime() - at.getTime();
  const wait = {
    dueInMs,
    queuePaused: false,
    position: undefined,
    completionIntervalMs: null,
    hold: undefined,
  };
  return toJobView(job, waitingOn(job, wait, language), language);
}
