import { z } from "zod";

/** The words of a job's life. Nothing leaves a terminal state but an explicit retry (a new run). */
export const JobStatus = z
  .enum(["queued", "processing", "completed", "failed", "cancelled"])
  .meta({ id: "JobStatus" });
export type JobStatus = z.infer<typeof JobStatus>;

export const terminalStatuses = ["completed", "failed", "cancelled"] as const;

/** True once the engine will not touch the job again by itself. */
export function isTerminal(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
