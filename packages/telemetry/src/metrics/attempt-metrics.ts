import type { ClaimedJob } from "@ilgam/db";
import type { Delivery, EndedDelivery } from "@ilgam/queue";
import { Counter, Histogram } from "prom-client";
import type { JobChanges, JobEnding } from "./job-changes.ts";
import type { Scrape } from "./scrape.ts";

const attemptOutcomes = [
  ...[
    "completed",
    "failed",
    "retry",
    "snooze",
    "hold",
    "release",
    "cancelled",
    "fenced",
    "abandoned",
  ],
] as const;

/** What becomes of attempts, as the worker sees it that makes them. */
export type AttemptMetrics = {
  claimed(job: ClaimedJob): void;
  delivered(delivery: Delivery): void;
  /** Zeroes for these kinds, so that the first is an increase. */
  expect(kinds: readonly string[]): void;
};

export function createAttemptMetrics(
  { registers }: Scrape,
  changes: Pick<JobChanges, "ended">,
): AttemptMetrics {
  const attempts = new Counter({
    name: "ilgam_attempts_total",
    help: "Ended attempts; fenced: its late result was refused; abandoned: its lease was lost",
    labelNames: ["kind", "queue", "outcome"],
    registers,
  });
  const snoozes = new Counter({
    name: "ilgam_snoozes_total",
    help: "Attempts that were snoozed without being consumed",
    labelNames: ["kind", "reason"],
    registers,
  });
  const { claimed, ran } = createTimes(registers);
  const spend = createSpending(registers);

  function countEnded(delivery: EndedDelivery): void {
    const { job, outcome } = delivery;
    const ending = endingOf(delivery);
    attempts.labels(job.kind, job.queue, attemptOutcomeOf(delivery)).inc();
    if (ending) changes.ended(job, ending);
    if (outcome.type === "snooze") snoozes.labels(job.kind, outcome.code ?? "later").inc();
    ran(delivery);
    spend(delivery);
  }

  return {
    claimed,
    delivered: (delivery) => {
      if (delivery.type === "ended") return countEnded(delivery);
      if (delivery.type !== "abandoned") return;
      attempts.labels(delivery.job.kind, delivery.job.queue, "abandoned").inc();
    },
    expect: (kinds) => {
      for (const kind of kinds) {
        for (const outcome of attemptOutcomes) attempts.labels(kind, kind, outcome).inc(0);
      }
    },
  };
}

/** The end that this delivery gave its job; undefined when it is queued again or another's. */
function endingOf({ outcome, settled }: EndedDelivery): JobEnding | undefined {
  // The settlement stood already, its reply was lost: nobody else has counted it.
  if (settled.status === "repeated") {
    return outcome.type === "completed" || outcome.type === "failed" ? outcome.type : undefined;
  }
  if (settled.status === "fenced") return undefined;
  const { status } = settled.job;
  return status === "queued" || status === "processing" ? undefined : status;
}

function attemptOutcomeOf(delivery: EndedDelivery): (typeof attemptOutcomes)[number] {
  if (delivery.settled.status === "fenced") return "fenced";
  const { type } = delivery.outcome;
  const ending = endingOf(delivery);
  if (ending === "failed" || ending === "cancelled") return ending;
  // Its end could not be stored, and it is retried.
  return ending === undefined && (type === "completed" || type === "failed") ? "retry" : type;
}

function createTimes(registers: Scrape["registers"]) {
  const waits = new Histogram({
    name: "ilgam_job_wait_seconds",
    help: "From when a job was due to the start of its attempt",
    labelNames: ["kind"],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600],
    registers,
  });
  const runs = new Histogram({
    name: "ilgam_job_run_seconds",
    help: "Time of an attempt in its processor",
    labelNames: ["kind"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900],
    registers,
  });
  return {
    claimed: (job: ClaimedJob) => waits.labels(job.kind).observe(job.waitedMs / 1_000),
    ran: ({ job, runMs }: EndedDelivery) => runs.labels(job.kind).observe(runMs / 1_000),
  };
}

function createSpending(registers: Scrape["registers"]) {
  const tokens = new Counter({
    name: "ilgam_tokens_total",
    help: "Tokens that attempts spent upstream",
    labelNames: ["kind"],
    registers,
  });
  const cost = new Counter({
    name: "ilgam_cost_total",
    help: "What attempts cost upstream, in the currency of the price table",
    labelNames: ["kind"],
    registers,
  });
  return ({ job, spent }: EndedDelivery) => {
    // Spent even when the result was refused: the provider charges all the same.
    for (const one of spent) {
      if (one.tokens > 0) tokens.labels(job.kind).inc(one.tokens);
      if (one.cost > 0) cost.labels(job.kind).inc(one.cost);
    }
  };
}
