import { JobError, JobStatus, JobView, Usage } from "@ilgam/contracts";
import { z } from "zod";

export const timestamp = z.iso.datetime();

/** RFC 9457, with our code and the fields to correct. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
    instance: z.string(),
  })
  .meta({ id: "Problem" });

/** The body of every refusal on the systems' own routes. */
export const SystemRefusal = z
  .object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    details: z
      .union([
        z.array(z.object({ path: z.string(), problem: z.string() })),
        // Of an upload: a data row from 1; `field` is empty for the row as a whole.
        z.array(z.object({ row: z.int(), field: z.string(), problem: z.string() })),
      ])
      .optional(),
  })
  .meta({ id: "SystemRefusal" });

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

export const Counts = z.record(JobStatus, z.int());

export const BatchView = z
  .object({
    id: z.uuid(),
    publicId: z.string(),
    tenant: z.string(),
    kind: z.string(),
    status: JobStatus,
    total: z.int(),
    counts: Counts,
    /** Of all its jobs. */
    usage: Usage,
    metadata: z.unknown(),
    createdAt: timestamp,
    cancelledAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: "Batch" });
export type BatchView = z.infer<typeof BatchView>;

export const BatchPage = z
  .object({ batches: z.array(BatchView), nextCursor: z.string().nullable() })
  .meta({ id: "BatchPage" });
