import type { ClaimedJob, Outcome, SettleOutcome, Spending } from "@ilgam/db";

export type EndedDelivery = {
  type: "ended";
  job: ClaimedJob;
  outcome: Outcome;
  settled: SettleOutcome;
  spent: readonly Spending[];
  /** In the processor, milliseconds. */
  runMs: number;
};

/** What became of one delivery of a job to this process. */
export type Delivery =
  | { type: "dropped"; why: "duplicate" | "gone" | "closing" }
  | { type: "early"; inMs: number }
  | EndedDelivery
  /** Nothing was written: the job belongs to a newer holder. */
  | { type: "abandoned"; job: ClaimedJob };

export type ExecutionEvent =
  | { type: "claimed"; job: ClaimedJob }
  | { type: "handler_error"; job: ClaimedJob; error: unknown }
  | { type: "handler_ignored_abort"; job: ClaimedJob }
  | { type: "delivery"; delivery: Delivery };

/**
 * Runs one attempt of a job that is in progress, up to and with its settlement, and everything that is
 * told of it; answers what the attempt answers. For traces.
 */
export type AroundAttempt = (
  job: ClaimedJob,
  attempt: () => Promise<Delivery>,
) => Promise<Delivery>;
