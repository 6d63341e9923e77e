import type { ApiEvent } from "../api-event.ts";
import type { Log } from "./create-log.ts";
import { createFailureLog } from "./log-failures.ts";
import { logBatchesFinished, logCancelled, logRetried, logSubmitted } from "./log-job-changes.ts";

/** An API's log of jobs: one line for each change that is made here. */
export function createApiEventLog(log: Log): (event: ApiEvent) => void {
  const logFailure = createFailureLog(log);
  return (event) => {
    switch (event.type) {
      case "submitted":
        return logSubmitted(log, event);
      case "cancelled":
        return logCancelled(log, event.jobs);
      case "retried":
        return logRetried(log, event.jobs);
      case "batches_finished":
        return logBatchesFinished(log, event.ids);
      case "announced":
        return;
      case "announce_failed":
        return logFailure("announce failed", event.error);
      case "redis_error":
        return logFailure("redis error", event.error);
    }
  };
}
