import { isOutage, type WorkerEvent } from "@ilgam/queue";
import type { Log } from "./create-log.ts";

/** One line for each state change, with the job's coordinates; outages at most once a second. */
export function createWorkerEventLog(log: Log): (event: WorkerEvent) => void {
  const outage = throttle(1_000);
  const logFailure = (type: WorkerEvent["type"], error: unknown) => {
    if (isOutage(error)) {
      return outage(() => log.warn({ cause: String(error) }, "Postgres or Redis is away"));
    }
    return log.error({ err: error }, type.replaceAll("_", " "));
  };
  return (event) => {
    switch (event.type) {
      case "claimed": {
        const { id: job, kind, run, attempt } = event.job;
        return log.debug({ job, kind, run, attempt }, "job started");
      }
      case "handler_error": {
        const { id: job, kind, run, attempt } = event.job;
        return log.warn({ job, kind, run, attempt, err: event.error }, "attempt failed");
      }
      case "handler_ignored_abort":
        return log.error({ job: event.job.id }, "handler ignores its signal: abandoned");
      case "delivery":
        return logDelivery(log, event.delivery, event.ms);
      case "swept":
        for (const lost of event.report.lost) log.warn(lost, "job taken back from a dead worker");
        return;
      case "redis_reset":
        return event.rechecked > 0
          ? log.warn(
              { rechecked: event.rechecked, queues: event.queues },
              "Redis was wiped, restarted or replaced: fed again",
            )
          : log.info("Redis is in step with Postgres");
      case "redispatched":
        return log.info({ jobs: event.jobs }, "jobs put into Redis again");
      case "lease_lost":
        return log.error({ inHand: event.inHand }, "lease lost: dropping everything in hand");
      case "warning":
        return log.warn(event.text);
      case "announced":
      case "sweep_stood_by":
        return;
      case "batches_finished":
        for (const batch of event.ids) log.info({ batch }, "batch finished");
        return;
      case "lock_renewal_failed":
        return log.debug({ jobs: event.jobs }, "BullMQ locks not renewed");
      case "redis_error":
        // What a worker finds when it wakes: its delivery went to another long ago.
        if (/missing lock/i.test(event.error.message)) {
          return log.debug({ cause: event.error.message }, "delivery lost");
        }
        return logFailure(event.type, event.error);
      case "announce_failed":
      case "lease_error":
      case "recurring_failed":
      case "sweep_failed":
        return logFailure(event.type, event.error);
    }
  };
}

function logDelivery(
  log: Log,
  delivery: Extract<WorkerEvent, { type: "delivery" }>["delivery"],
  ms: number,
): void {
  if (delivery.type !== "ended") {
    if (delivery.type === "abandoned") log.warn({ job: delivery.job.id }, "job abandoned");
    return;
  }
  const { id: job, kind, run, epoch, attempt } = delivery.job;
  const status =
    delivery.settled.status === "settled" ? delivery.settled.job.status : delivery.settled.status;
  const line = { job, kind, run, epoch, attempt, outcome: delivery.outcome.type, status };
  const level = status === "fenced" || status === "failed" ? "warn" : "info";
  log[level]({ ...line, ms: Math.round(ms) }, "job settled");
}

function throttle(everyMs: number): (work: () => void) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (work) => {
    if (performance.now() - last < everyMs) return;
    last = performance.now();
    work();
  };
}
