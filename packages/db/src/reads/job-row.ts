import type { JobError, JobStatus, Priority, Usage } from "@ilgam/contracts";

/** The tenant whose rows are read; null for those of all tenants, which only operators may ask. */
export type TenantScope = string | null;

/** A job as the reads give it: what a view needs, nothing of the engine's own. */
export type JobRow = {
  id: string;
  tenantId: string;
  kind: string;
  queue: string;
  status: JobStatus;
  priority: Priority;
  progress: number;
  step: string | null;
  run: number;
  attempt: number;
  maxAttempts: number;
  createdAt: Date;
  runAt: Date;
  expiresAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  cancelRequestedAt: Date | null;
  error: JobError | null;
  batchId: string | null;
  position: number | null;
  tags: string[];
  metadata: Record<string, unknown>;
  callbackUrl: string | null;
  /** `retry`, `lost`, or the sentence with which the job was snoozed. */
  waitReason: string | null;
  heldSince: Date | null;
  /** Of all its attempts. */
  usage: Usage;
};

/** One job, with what tells why it waits; by the database's clock. */
export type JobDetail = JobRow & {
  /** Unix seconds of virtual time: its place in the queue. */
  virtualStart: number;
  /** Milliseconds until it is due; 0 or less when it is. */
  dueInMs: number;
  queuePaused: boolean;
};
