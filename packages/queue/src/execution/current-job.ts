import { AsyncLocalStorage } from "node:async_hooks";
import type { ClaimedJob } from "@ilgam/db";

/** Coordinates of the job in whose processor some code runs. */
export type CurrentJob = Pick<ClaimedJob, "id" | "kind" | "queue" | "run" | "epoch" | "attempt">;

// One for the process, as asynchronous context is: a second one would not see what this one runs.
const storage = new AsyncLocalStorage<CurrentJob>();

/**
 * The job in whose processor the calling code runs, through every await; undefined elsewhere, such
 * as in timers that were started before. For observers that are not given a job, as those of
 * upstream clients.
 */
export function currentJob(): CurrentJob | undefined {
  return storage.getStore();
}

/** Runs a processor so that `currentJob()` answers its job. */
export function runAsJob<T>(job: ClaimedJob, work: () => T): T {
  const { id, kind, queue, run, epoch, attempt } = job;
  return storage.run({ id, kind, queue, run, epoch, attempt }, work);
}
