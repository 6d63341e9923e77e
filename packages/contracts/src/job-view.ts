import { z } from "zod";
import { JobStatus } from "./job-status.ts";
import { Priority } from "./priority.ts";
import { ProviderName } from "./provider.ts";

const timestamp = z.iso.datetime();

/** What a queued job waits for, and how long by our estimate. */
export const WaitingOn = z
  .object({
    reason: z.enum([
      "start_time",
      "retry",
      "pace",
      "provider",
      "paused_queue",
      "position",
      "worker",
    ]),
    /** When it is over, as far as is known; of a provider that is away: when it is probed next. */
    until: timestamp.nullable(),
    /** The service that is away; only with the reason `provider`. */
    provider: ProviderName.optional(),
    /** Since when, as far as is known; only with the reason `provider`. */
    since: timestamp.optional(),
    /** Jobs that stand before this one in its queue. */
    position: z.int().nullable(),
    /** One sentence for people. */
    message: z.string(),
    /** Estimate of when the job starts, seconds from now; null without history. */
    estimatedStartSeconds: z.number().nullable(),
  })
  .meta({ id: "WaitingOn" });
export type WaitingOn = z.infer<typeof WaitingOn>;

export const JobError = z
  .object({ code: z.string(), message: z.string() })
  .meta({ id: "JobError" });
export type JobError = z.infer<typeof JobError>;

/** What was spent upstream. */
export const Usage = z
  .object({
    tokens: z.int(),
    /** Those of them whose model has no price: they are not in `costUsd`. */
    unpricedTokens: z.int(),
    /** US dollars; null when nothing of what was spent has a price. */
    costUsd: z.number().nullable(),
  })
  .meta({ id: "Usage" });
export type Usage = z.infer<typeof Usage>;

export const JobView = z
  .object({
    id: z.uuid(),
    /** Who submitted it. */
    tenant: z.string(),
    kind: z.string(),
    queue: z.string(),
    status: JobStatus,
    priority: Priority,
    progress: z.number().min(0).max(100),
    step: z.string().nullable(),
    run: z.int(),
    attempt: z.int(),
    maxAttempts: z.int(),
    createdAt: timestamp,
    runAt: timestamp,
    expiresAt: timestamp.nullable(),
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    cancelRequestedAt: timestamp.nullable(),
    error: JobError.nullable(),
    batch: z.object({ id: z.string(), position: z.int() }).nullable(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
    callbackUrl: z.string().nullable(),
    waitingOn: WaitingOn.nullable(),
    /** Of all its calls so far. */
    usage: Usage,
  })
  .meta({ id: "Job" });
export type JobView = z.infer<typeof JobView>;
