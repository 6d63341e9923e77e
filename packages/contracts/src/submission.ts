import { z } from "zod";
import { message } from "./messages.ts";
import { Priority } from "./priority.ts";

/** Longest JSON of one job's input, bytes; larger things go to storage. */
export const maxInputBytes = 256 * 1024;

/** Until the job may start, milliseconds by this process's clock. */
function startInMs(job: { runAt?: string | undefined; delayMs?: number | undefined }): number {
  return job.delayMs ?? (job.runAt === undefined ? 0 : Date.parse(job.runAt) - Date.now());
}

/** The same moment in UTC; years that Postgres cannot read are as good as any other in the past. */
export function inUtc(time: string): string {
  return new Date(Math.max(0, Date.parse(time))).toISOString();
}

/**
 * Where a job's end is told. Normalised to ASCII, which Postgres can store and index whatever the
 * address was written in; without credentials, which logs and listings would show.
 */
export const CallbackUrl = z
  .url({ protocol: /^https?$/, normalize: true })
  .max(2_000)
  .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), {
    error: message("callback_credentials"),
    params: { message: "callback_credentials" },
  });

/** `POST /v1/jobs`, and one item of `POST /v1/jobs/bulk`. Unknown fields are refused. */
export const JobSubmission = z
  .strictObject({
    kind: z.string().min(1).max(100),
    input: z.unknown(),
    priority: Priority.default("normal"),
    runAt: z.iso.datetime({ offset: true }).optional(),
    delayMs: z
      .int()
      .min(0)
      .max(366 * 86_400_000)
      .optional(),
    expiresInMs: z
      .int()
      .min(1)
      .max(366 * 86_400_000)
      .optional(),
    maxAttempts: z.int().min(1).max(100).optional(),
    tags: z.array(z.string().min(1).max(100)).max(20).default([]),
    callbackUrl: CallbackUrl.optional(),
    metadata: z.record(z.string().max(100), z.unknown()).default({}),
  })
  .refine((job) => job.runAt === undefined || job.delayMs === undefined, {
    message: "give runAt or delayMs, not both",
    path: ["delayMs"],
  })
  .refine((job) => job.expiresInMs === undefined || job.expiresInMs > startInMs(job), {
    message: "it would expire before its start: give a longer expiresInMs",
    path: ["expiresInMs"],
  })
  .meta({ id: "JobSubmission" });
export type JobSubmission = z.infer<typeof JobSubmission>;
