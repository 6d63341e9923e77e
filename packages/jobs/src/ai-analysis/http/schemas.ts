import { JobStatus, Priority } from "@ilgam/contracts";
import { z } from "zod";
import { submissionFields } from "../../submitting/submission-fields.ts";
import { AiAnalysisResult, AnalysisType, Complexity, Metadata, Query } from "../contract.ts";

export const JobRequest = z
  .object({
    type: AnalysisType,
    query: Query,
    options: z.object({ priority: Priority.nullish() }).nullish(),
    metadata: Metadata.nullish(),
    /** As `options.priority`, which goes first. */
    priority: Priority.nullish(),
    ...submissionFields,
  })
  .meta({ id: "AiJobRequest" });
export type JobRequest = z.output<typeof JobRequest>;

const timestamp = z.iso.datetime();

// Named, so that the API's description has it once.
const Result = AiAnalysisResult.meta({ id: "AiAnalysisResult", type: "object" });

/** A job that a later look will tell about. */
export const JobQueued = z
  .object({
    jobId: z.string(),
    status: z.literal("queued"),
    pollUrl: z.string(),
    /** Seconds until its end, by what earlier ones took and what stands before it. */
    estimatedTime: z.int(),
    complexity: Complexity,
  })
  .meta({ id: "AiJobQueued" });
export type JobQueued = z.infer<typeof JobQueued>;

/** A job that ended while its request waited; `error` of one that did not complete. */
export const JobEnded = z
  .object({
    jobId: z.string(),
    status: z.enum(["completed", "failed", "cancelled"]),
    result: Result.nullable(),
    error: z.string().optional(),
    complexity: Complexity,
  })
  .meta({ id: "AiJobEnded" });
export type JobEnded = z.infer<typeof JobEnded>;

const summary = {
  jobId: z.string(),
  type: AnalysisType,
  status: JobStatus,
  progress: z.number().min(0).max(100),
  currentStep: z.string().nullable(),
  error: z.string().nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  completedAt: timestamp.nullable(),
};

export const JobView = z.object({ ...summary, result: Result.nullable() }).meta({ id: "AiJob" });
export type JobView = z.infer<typeof JobView>;

export const JobSummary = z.object({ ...summary, query: z.string() }).meta({ id: "AiJobSummary" });
export type JobSummary = z.infer<typeof JobSummary>;

export const JobList = z
  .object({ jobs: z.array(JobSummary), nextCursor: z.string().nullable() })
  .meta({ id: "AiJobList" });
export type JobList = z.infer<typeof JobList>;

export const ListQuery = z.object({
  status: JobStatus.optional(),
  type: AnalysisType.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export const LogLine = z
  .object({
    /** Rises within a job; 0: its submission. */
    seq: z.int(),
    at: timestamp,
    /** Such as `queued`, `processing`, `retry`, `completed`; `step`: a checkpoint; `log`: a line. */
    event: z.string(),
    message: z.string(),
    attempt: z.int().optional(),
    /** Why an attempt failed or the job was snoozed. */
    reason: z.string().optional(),
  })
  .meta({ id: "AiJobLogLine" });
export type LogLine = z.infer<typeof LogLine>;

export const JobLogs = z
  .object({ jobId: z.string(), logs: z.array(LogLine), nextCursor: z.string().nullable() })
  .meta({ id: "AiJobLogs" });
export type JobLogs = z.infer<typeof JobLogs>;

export const LogsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  /** The `nextCursor` of the page before. */
  cursor: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});

export const JobParams = z.object({ id: z.string().min(1) });

export const JobCancelled = z
  .object({ jobId: z.string(), status: z.literal("cancelled") })
  .meta({ id: "AiJobCancelled" });
