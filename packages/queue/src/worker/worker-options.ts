import type { Database } from "@ilgam/db";
import type { DispatchEvent } from "../dispatch/dispatch-event.ts";
import type { SubmitEvent } from "../dispatch/submitter.ts";
import type { AroundAttempt, ExecutionEvent } from "../execution/delivery.ts";
import type { CatalogueEntry } from "../execution/job-context.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import type { CallEnd } from "../settings/adaptive-concurrency.ts";
import type { QueueHolds } from "../settings/queue-holds.ts";
import type { SweepEvent } from "../sweep/sweep-event.ts";

export type WorkerEvent =
  | ExecutionEvent
  | SweepEvent
  | DispatchEvent
  | SubmitEvent
  | { type: "lock_renewal_failed"; jobs: number }
  | { type: "lease_lost"; inHand: number }
  | { type: "lease_error"; error: unknown }
  | { type: "settings_unread"; error: unknown }
  | { type: "recurring_failed"; error: unknown }
  | { type: "schedule_refused"; schedule: string; error: unknown }
  | { type: "warning"; text: string };

export type WorkersOptions = {
  db: Database;
  redis: RedisSettings;
  catalogue: readonly CatalogueEntry[];
  /** Every kind there is: schedules fire for those too that others run. Default: the catalogue. */
  kinds?: readonly Pick<CatalogueEntry, "definition" | "policy">[];
  version: string;
  /** Default 15,000. */
  leaseMs?: number;
  /** Default 100. */
  maxSnoozes?: number;
  /** Longest wait of one job for a service that is away. Default 24 h. */
  maxHoldMs?: number;
  /** Queues that cannot run for the moment. Default: none ever. */
  holds?: QueueHolds;
  /** Default 10,000. */
  abortGraceMs?: number;
  /** Run a sweeper too. Default true; false only to show what it is for. */
  sweep?: boolean;
  onEvent?: (event: WorkerEvent) => void;
  aroundAttempt?: AroundAttempt | undefined;
  /** A handler could not be stopped: the process should drain and be replaced. */
  onRecycle?: () => void;
};

/** Whether this process takes jobs, part by part; all true while it does. */
export type WorkerHealth = {
  /** Its lease was renewed in time. */
  lease: boolean;
  /** Its connection to Redis stands. */
  redis: boolean;
  /** It is not draining, and no ready job has waited for it in vain. */
  consuming: boolean;
};

export type RunningWorkers = {
  /** Stops taking jobs, waits for those in progress, gives back what is not done after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  inHand(): number;
  workerId(): string;
  health(): WorkerHealth;
  /** Tells how an outbound call ended, called in the context of the job that made it. */
  noteCall(call: CallEnd): void;
};
