import { Priority } from "@ilgam/contracts";
import { z } from "zod";
import { submissionFields } from "../../submitting/submission-fields.ts";
import { DocumentSource, defaultSources, Keyword, Provider, Sources } from "../contract.ts";

export const BatchRequest = z
  .object({
    /** Repeated keywords are counted once, at their first place. */
    keywords: z.array(Keyword).min(1).max(1_000),
    priority: Priority.default("normal"),
    sources: Sources.default(defaultSources),
    ...submissionFields,
  })
  .meta({ id: "DocumentCountBatchRequest" });
export type BatchRequest = z.output<typeof BatchRequest>;

export const BatchAccepted = z
  .object({ success: z.literal(true), jobId: z.string(), message: z.string() })
  .meta({ id: "DocumentCountBatchAccepted" });
export type BatchAccepted = z.infer<typeof BatchAccepted>;

const epochMs = z.number().meta({ description: "Milliseconds since 1970-01-01T00:00:00Z." });
const Counts = z.partialRecord(DocumentSource, z.int().min(0));

const Progress = z
  .object({
    id: z.string(),
    status: z.enum(["pending", "processing", "completed", "failed"]),
    progress: z.object({ current: z.int(), total: z.int() }),
    createdAt: epochMs,
    startedAt: epochMs.optional(),
    completedAt: epochMs.optional(),
    error: z.string().optional(),
  })
  .meta({ id: "DocumentCountProgress" });

export const BatchStatus = z
  .object({
    success: z.literal(true),
    job: Progress.extend({
      /** Ended keywords in the order of the request; more of them at each look. */
      results: z.array(
        z.object({
          keyword: z.string(),
          counts: Counts,
          provider: Provider.optional(),
          error: z.string().optional(),
        }),
      ),
    }).meta({ id: "DocumentCountBatch" }),
  })
  .meta({ id: "DocumentCountBatchStatus" });

export const BatchHistory = z
  .object({
    success: z.literal(true),
    batches: z.array(Progress),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "DocumentCountHistory" });

export const HistoryQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export const JobIdQuery = z.object({ jobId: z.string().min(1).max(200) });
export const KeywordQuery = z.object({ keyword: Keyword });

export const KeywordCount = z
  .object({
    success: z.literal(true),
    keyword: z.string(),
    counts: Counts,
    provider: Provider,
    /** True when the answer cost no call. */
    cached: z.boolean(),
  })
  .meta({ id: "DocumentCountOfKeyword" });

export const Done = z
  .object({ success: z.literal(true), message: z.string() })
  .meta({ id: "DocumentCountDone" });
