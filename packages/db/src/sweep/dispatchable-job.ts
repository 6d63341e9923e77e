import type { Priority } from "@ilgam/contracts";

/** A queued job that may have to be put into Redis. */
export type DispatchableJob = {
  id: string;
  queue: string;
  priority: Priority;
  virtualStart: number;
  dispatch: number;
  /** Until it is due, milliseconds; 0 or less: now. */
  delayMs: number;
};

/** Its columns, for RETURNING. */
export const dispatchable = `jobs.id, queue, priority, virtual_start AS "virtualStart", dispatch,
  extract(epoch FROM run_at - now())::float8 * 1000 AS "delayMs"`;

/** RETURNING knows no order, and equal places run in the order of their adds. */
export function inOrder(jobs: DispatchableJob[]): DispatchableJob[] {
  return jobs.sort((a, b) => a.virtualStart - b.virtualStart || (a.id < b.id ? -1 : 1));
}
