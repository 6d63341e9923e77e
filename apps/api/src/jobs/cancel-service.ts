import { ApiError } from "@ilgam/contracts";
import {
  type CancelOutcome,
  cancelBatch,
  cancelJobs,
  type Database,
  finishBatches,
  type JobTarget,
} from "@ilgam/db";
import type { Dispatcher } from "@ilgam/queue";

export type CancelService = {
  /** @throws ApiError job_not_found, already_finished */
  job(job: Pick<JobTarget, "id" | "tenantId">): Promise<void>;
  /** Cancels those that are still open; returns how many. */
  jobs(jobs: readonly JobTarget[]): Promise<number>;
  /** Cancels the open jobs of a batch; returns how many. */
  batch(tenantId: string, batchId: string): Promise<number>;
};

/** Cancels in Postgres, then tells the workers and ends batches that have nothing open left. */
export function createCancelService(deps: { db: Database; dispatcher: Dispatcher }): CancelService {
  const { db, dispatcher } = deps;

  async function follow(outcomes: CancelOutcome[]): Promise<number> {
    const accepted = outcomes.filter((outcome) => outcome.accepted);
    const running = accepted.filter((outcome) => outcome.status === "processing");
    if (running.length > 0) dispatcher.requestCancel(running.map((outcome) => outcome.id));
    const batches = new Set(accepted.flatMap(({ batchId }) => (batchId === null ? [] : [batchId])));
    await finishBatches(db.sql, [...batches]);
    return accepted.length;
  }

  return {
    job: async ({ tenantId, id }) => {
      const outcomes = await cancelJobs(db.sql, tenantId, [id]);
      const [outcome] = outcomes;
      if (!outcome) throw new ApiError("job_not_found");
      if (!outcome.accepted) {
        throw new ApiError("already_finished", { values: { status: outcome.status } });
      }
      await follow(outcomes);
    },
    jobs: async (jobs) => {
      let changed = 0;
      for (const [tenantId, own] of Map.groupBy(jobs, (job) => job.tenantId)) {
        const ids = own.map((job) => job.id);
        changed += await follow(await cancelJobs(db.sql, tenantId, ids));
      }
      return changed;
    },
    batch: async (tenantId, batchId) => follow(await cancelBatch(db.sql, tenantId, batchId)),
  };
}
