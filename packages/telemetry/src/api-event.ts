import type { RetryOutcome } from "@ilgam/db";
import type { CancelEvent, DispatchEvent, SubmitEvent } from "@ilgam/queue";

/** What becomes of jobs in an API process. */
export type ApiEvent =
  | DispatchEvent
  | SubmitEvent
  | CancelEvent
  /** Ended jobs that were asked for again: queued, as a new run. */
  | { type: "retried"; jobs: RetryOutcome[] };
