import { JobError, JobView } from "@ilgam/contracts";
import { z } from "zod";
import { timestamp } from "../answers.ts";

export const JobParams = z.object({ id: z.string().meta({ description: "The job's id." }) });

export const JobPage = z
  .object({ jobs: z.array(JobView), nextCursor: z.string().nullable() })
  .meta({ id: "JobPage" });

export const JobResult = z
  .object({ jobId: z.uuid(), run: z.int(), output: z.unknown(), completedAt: timestamp })
  .meta({ id: "JobResult" });

export const JobEvents = z
  .object({
    events: z.array(
      z.object({
        seq: z.int(),
        run: z.int(),
        type: z.string(),
        data: z.unknown(),
        at: timestamp,
      }),
    ),
    /** Gives what came after the last of these; null when there is nothing yet. */
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "JobEvents" });

export const JobAttempts = z
  .object({
    attempts: z.array(
      z.object({
        run: z.int(),
        attempt: z.int(),
        epoch: z.int(),
        workerId: z.uuid().nullable(),
        startedAt: timestamp,
        endedAt: timestamp,
        outcome: z.string(),
        error: JobError.nullable(),
        tokens: z.int().nullable(),
        unpricedTokens: z.int().nullable(),
        cost: z.number().nullable(),
        models: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "JobAttempts" });

/** How many jobs stand in each status. */
export const Counts = z
  .object({
    queued: z.int(),
    processing: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  })
  .meta({ id: "JobCounts" });
