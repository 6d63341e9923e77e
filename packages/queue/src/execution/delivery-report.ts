import type { JobStatus } from "@ilgam/contracts";
import type { ClaimedJob, Outcome, SettleOutcome } from "@ilgam/db";
import type { Delivery, EndedDelivery } from "./delivery.ts";

/** What became of a delivery, as Bull Board shows it; only BullMQ keeps it, and not for long. */
export type DeliveryReport = {
  outcome:
    | "completed"
    | "retried"
    | "failed"
    | "cancelled"
    | "snoozed"
    | "given back"
    | "dropped"
    | "refused"
    | "abandoned";
  reason?: string;
  run?: number;
  attempt?: number;
  maxAttempts?: number;
};

type Dropped = Extract<Delivery, { type: "dropped" }>;

const droppedReason: Record<Dropped["why"], string> = {
  duplicate: "this worker already has the job in progress",
  gone: "the job had ended, was not there, or another worker had it",
  closing: "the worker was ending",
};

/** What to tell of a delivery that is over. */
export function reportOf(delivery: Exclude<Delivery, { type: "early" }>): DeliveryReport {
  if (delivery.type === "dropped") {
    return { outcome: "dropped", reason: droppedReason[delivery.why] };
  }
  const { run, attempt, maxAttempts } = delivery.job;
  const which = { run, attempt, maxAttempts };
  if (delivery.type === "abandoned") {
    return {
      ...which,
      outcome: "abandoned",
      reason: "the worker lost its lease: the job went to another",
    };
  }
  return { ...endOf(delivery), ...which };
}

/** How the attempt ended: Postgres decides, a cancel or a spent limit overrules the handler. */
function endOf({ outcome, settled, job }: EndedDelivery): DeliveryReport {
  if (settled.status === "fenced") {
    return { outcome: "refused", reason: "it came too late: the job had another holder or an end" };
  }
  const status = settled.status === "settled" ? settled.job.status : statusAfter(outcome, job);
  if (status === "completed") return { outcome: "completed" };
  if (status === "cancelled") return { outcome: "cancelled", reason: "a client cancelled it" };
  if (status === "failed") return { outcome: "failed", reason: errorOf(outcome, settled) };
  if (outcome.type === "snooze" || outcome.type === "hold")
    return { outcome: "snoozed", reason: outcome.why };
  if (outcome.type === "release") return { outcome: "given back", reason: outcome.why };
  return { outcome: "retried", reason: errorOf(outcome, settled) };
}

/** The reply of the settlement was lost: what it most likely did. */
function statusAfter(outcome: Outcome, { attempt, maxAttempts }: ClaimedJob): JobStatus {
  if (outcome.type === "completed" || outcome.type === "failed") return outcome.type;
  return outcome.type === "retry" && attempt >= maxAttempts ? "failed" : "queued";
}

function errorOf(outcome: Outcome, settled: SettleOutcome): string {
  const stored = settled.status === "settled" ? settled.job.error : null;
  const error = stored ?? ("error" in outcome ? outcome.error : undefined);
  return error ? `${error.code}: ${error.message}` : "no reason was given";
}

/** An attempt that failed, in one line. */
export function failureLine({
  outcome,
  reason,
  run,
  attempt,
  maxAttempts,
}: DeliveryReport): string {
  const end = outcome === "failed" ? "the job failed" : "the job is retried";
  return `run ${run}, attempt ${attempt} of ${maxAttempts}, ${end}: ${reason}`;
}

/** The attempt of its job that a delivery was; undefined while it waits and when none began. */
export function attemptOfDelivery(delivery: {
  returnvalue?: unknown;
  failedReason?: string | undefined;
}): number | undefined {
  const { returnvalue, failedReason } = delivery;
  const returned = (returnvalue as Partial<DeliveryReport> | null | undefined)?.attempt;
  if (typeof returned === "number") return returned;
  const told = /^run \d+, attempt (\d+) of /.exec(failedReason ?? "")?.[1];
  return told === undefined ? undefined : Number(told);
}
