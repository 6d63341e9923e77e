import { ApiError } from "@ilgam/contracts";
import {
  type Database,
  FairClock,
  type JobDetail,
  type JobTarget,
  type Reads,
  retryJobs,
} from "@ilgam/db";
import type { Dispatcher } from "@ilgam/queue";
import type { ApiEvent } from "@ilgam/telemetry";

export type RetryService = {
  /** Starts a new run of an ended job. @throws ApiError not_finished, job_not_found */
  job(job: JobDetail): Promise<void>;
  /** Starts new runs of those that have ended; returns how many. */
  jobs(jobs: readonly JobTarget[]): Promise<number>;
};

/** Jobs that share one place in the queue when many are retried at once. */
const chunkSize = 50;

/** Places ended jobs in their queues again, as if they came now. */
export function createRetryService(deps: {
  db: Database;
  reads: Reads;
  dispatcher: Dispatcher;
  onEvent?: (event: ApiEvent) => void;
}): RetryService {
  const { reads } = deps;
  const retryAlike = createRetryAlike(deps);

  return {
    job: async (job) => {
      const accepted = await retryAlike(job, [job.id]);
      if (accepted.length > 0) return;
      const now = await reads.jobs.find(job.tenantId, job.id);
      if (!now) throw new ApiError("job_not_found");
      throw new ApiError("not_finished", { values: { status: now.status } });
    },
    jobs: async (targets) => {
      let changed = 0;
      for (const alike of groupAlike(targets)) {
        const [first] = alike;
        if (!first) continue;
        const retried = await retryAlike(
          first,
          alike.map((target) => target.id),
        );
        changed += retried.length;
      }
      return changed;
    },
  };
}

/** Retries jobs that are alike in tenant, queue and priority; answers the ids that were accepted. */
function createRetryAlike({
  db,
  dispatcher,
  onEvent,
}: {
  db: Database;
  dispatcher: Dispatcher;
  onEvent?: (event: ApiEvent) => void;
}) {
  const clock = new FairClock(db.sql);
  return async ({ tenantId, queue, priority }: JobTarget, ids: string[]) => {
    const places = await clock.place({
      queue,
      tenantId,
      priority,
      count: ids.length,
      batch: false,
    });
    const accepted: string[] = [];
    for (let start = 0; start < ids.length; start += chunkSize) {
      const chunk = ids.slice(start, start + chunkSize);
      const place = places[start + chunk.length - 1] as number;
      const outcomes = await retryJobs(db.sql, tenantId, chunk, place);
      const retried = outcomes.filter((outcome) => outcome.accepted);
      dispatcher.announce(retried.map((outcome) => ({ ...outcome, delayMs: 0 })));
      if (retried.length > 0) onEvent?.({ type: "retried", jobs: retried });
      accepted.push(...retried.map((outcome) => outcome.id));
    }
    return accepted;
  };
}

/** By tenant, queue and priority, each group in the order given. */
function groupAlike(targets: readonly JobTarget[]): JobTarget[][] {
  const groups = Map.groupBy(targets, ({ tenantId, queue, priority }) =>
    JSON.stringify([tenantId, queue, priority]),
  );
  return [...groups.values()];
}
