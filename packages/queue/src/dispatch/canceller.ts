import {
  type CancelOutcome,
  cancelBatch,
  cancelJobs,
  type Database,
  finishBatches,
} from "@ilgam/db";
import type { Dispatcher } from "./dispatcher.ts";

export type CancelEvent =
  /** Accepted cancels: queued jobs have ended, running ones were asked to stop. */
  { type: "cancelled"; jobs: CancelOutcome[] } | { type: "batches_finished"; ids: string[] };

/** Answers what became of each job; those that had ended are not `accepted`, unknown ones absent. */
export type Canceller = {
  jobs(tenantId: string, ids: string[]): Promise<CancelOutcome[]>;
  /** Every open job of the batch with this uuid. */
  batch(tenantId: string, batchId: string): Promise<CancelOutcome[]>;
};

/** The one way to cancel: in Postgres, then tells the workers and ends batches with nothing open. */
export function createCanceller(options: {
  db: Database;
  dispatcher: Pick<Dispatcher, "requestCancel">;
  onEvent?: (event: CancelEvent) => void;
}): Canceller {
  const { db, dispatcher } = options;
  const emit = options.onEvent ?? (() => undefined);

  async function follow(outcomes: CancelOutcome[]): Promise<CancelOutcome[]> {
    const accepted = outcomes.filter((outcome) => outcome.accepted);
    if (accepted.length === 0) return outcomes;
    emit({ type: "cancelled", jobs: accepted });
    const running = accepted.filter((outcome) => outcome.status === "processing");
    if (running.length > 0) dispatcher.requestCancel(running.map((outcome) => outcome.id));
    const batches = new Set(accepted.flatMap(({ batchId }) => (batchId === null ? [] : [batchId])));
    const ids = await finishBatches(db.sql, [...batches]);
    if (ids.length > 0) emit({ type: "batches_finished", ids });
    return outcomes;
  }

  return {
    jobs: async (tenantId, ids) => follow(await cancelJobs(db.sql, tenantId, ids)),
    batch: async (tenantId, batchId) => follow(await cancelBatch(db.sql, tenantId, batchId)),
  };
}
