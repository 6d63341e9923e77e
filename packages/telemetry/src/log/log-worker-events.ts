import type { WorkerEvent } from "@ilgam/queue";
import type { Log } from "./create-log.ts";
import { createFailureLog } from "./log-failures.ts";
import {
  logBatchesFinished,
  logClaimed,
  logDelivery,
  logSubmitted,
  logSwept,
} from "./log-job-changes.ts";

/** A worker's log: one line for each change of a job's state, and what goes wrong around it. */
export function createWorkerEventLog(log: Log): (event: WorkerEvent) => void {
  const logFailure = createFailureLog(log);
  return (event) => {
    switch (event.type) {
      case "submitted":
        return logSubmitted(log, event);
      case "claimed":
        return logClaimed(log, event.job);
      case "delivery":
        return logDelivery(log, event.delivery);
      case "swept":
        return logSwept(log, event.report);
      case "batches_finished":
        return logBatchesFinished(log, event.ids);
      case "handler_error": {
        const { id: job, kind, run, attempt } = event.job;
        return log.warn({ job, kind, run, attempt, err: event.error }, "attempt failed");
      }
      case "handler_ignored_abort": {
        const { id: job, kind, run, attempt } = event.job;
        return log.error({ job, kind, run, attempt }, "processor ignores its signal: given up");
      }
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
        return log.error({ inHand: event.inHand }, "lease lost: dropping everything in progress");
      case "schedule_refused":
        return log.error({ schedule: event.schedule, err: event.error }, "no job was made");
      case "warning":
        return log.warn(event.text);
      case "announced":
      case "sweep_stood_by":
        return;
      case "lock_renewal_failed":
        return log.debug({ jobs: event.jobs }, "BullMQ locks not renewed");
      case "redis_error":
        // What a worker finds when it wakes: its delivery went to another long ago.
        if (/missing lock/i.test(event.error.message)) {
          return log.debug({ cause: event.error.message }, "delivery lost");
        }
        return logFailure("redis error", event.error);
      case "announce_failed":
      case "lease_error":
      case "settings_unread":
      case "recurring_failed":
      case "sweep_failed":
        return logFailure(event.type.replaceAll("_", " "), event.error);
    }
  };
}
