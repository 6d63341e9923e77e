import { ApiError } from "@ilgam/contracts";
import type { CancelOutcome, JobTarget } from "@ilgam/db";
import type { Canceller } from "@ilgam/queue";

export type CancelService = {
  /** @throws ApiError job_not_found, already_finished */
  job(job: Pick<JobTarget, "id" | "tenantId">): Promise<void>;
  /** Cancels those that are still open; returns how many. */
  jobs(jobs: readonly JobTarget[]): Promise<number>;
  /** Cancels the open jobs of a batch; returns how many. */
  batch(tenantId: string, batchId: string): Promise<number>;
};

const acceptedOf = (outcomes: CancelOutcome[]) =>
  outcomes.filter((outcome) => outcome.accepted).length;

/** The canceller as routes use it: with refusals for clients. */
export function createCancelService(canceller: Canceller): CancelService {
  return {
    job: async ({ tenantId, id }) => {
      const [outcome] = await canceller.jobs(tenantId, [id]);
      if (!outcome) throw new ApiError("job_not_found");
      if (outcome.accepted) return;
      throw new ApiError("already_finished", { values: { status: outcome.status } });
    },
    jobs: async (jobs) => {
      let changed = 0;
      for (const [tenantId, own] of Map.groupBy(jobs, (job) => job.tenantId)) {
        const ids = own.map((job) => job.id);
        changed += acceptedOf(await canceller.jobs(tenantId, ids));
      }
      return changed;
    },
    batch: async (tenantId, batchId) => acceptedOf(await canceller.batch(tenantId, batchId)),
  };
}
