import {
  Aborted,
  backoffMs,
  GiveUp,
  Held,
  type JobPolicy,
  RetryableError,
  TryLater,
} from "@ilgam/contracts";
import type { ClaimedJob, Outcome } from "@ilgam/db";

const longestMessage = 500;

/**
 * What a processor's error means for its job: the closed vocabulary.
 * @returns undefined when the job is no longer ours to settle (its lease was lost).
 */
export function outcomeOfError(
  error: unknown,
  job: ClaimedJob,
  policy: JobPolicy,
  options: { abortedBy?: Aborted | undefined; maxSnoozes: number; maxHoldMs: number },
): Outcome | undefined {
  const aborted = options.abortedBy ?? (error instanceof Aborted ? error : undefined);
  if (aborted) return outcomeOfAbort(aborted, job, policy);
  if (error instanceof Held) {
    const { provider, delayMs, message } = error;
    const { maxHoldMs } = options;
    return { type: "hold", why: shorten(message), provider, delayMs, maxHoldMs };
  }
  if (error instanceof TryLater) {
    const { code, delayMs, message } = error;
    const { maxSnoozes } = options;
    return { type: "snooze", why: shorten(message), code, delayMs, maxSnoozes };
  }
  if (error instanceof GiveUp) {
    return { type: "failed", error: { code: error.code, message: shorten(error.message) } };
  }
  if (error instanceof RetryableError) {
    return {
      type: "retry",
      error: { code: error.code, message: shorten(error.message) },
      delayMs: error.delayMs ?? backoffMs(policy.backoff, job.attempt),
    };
  }
  return {
    type: "retry",
    error: { code: "processing_error", message: "the job failed while it was processed" },
    delayMs: backoffMs(policy.backoff, job.attempt),
  };
}

function outcomeOfAbort(aborted: Aborted, job: ClaimedJob, policy: JobPolicy): Outcome | undefined {
  switch (aborted.why) {
    case "lease_lost":
      return undefined;
    case "timeout":
      return {
        type: "retry",
        error: { code: "timeout", message: `it ran longer than ${policy.timeoutMs} ms` },
        delayMs: backoffMs(policy.backoff, job.attempt),
      };
    case "cancelled":
      // The settlement finds the request in the row; without one the job is queued again.
      return { type: "release", why: "cancel" };
    case "drain":
      return { type: "release", why: "drain" };
  }
}

function shorten(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage - 1)}…`;
}
