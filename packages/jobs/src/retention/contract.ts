import { defineJob } from "@ilgam/contracts";
import { z } from "zod";

/** Removes what is older than the operator keeps it; the platform submits it by itself. */
export const retention = defineJob({
  kind: "retention",
  summary: "Deletes finished jobs, events and other rows that are older than they are kept.",
  payload: z.strictObject({}),
  result: z.object({
    /** Rows deleted, by what they were. */
    deleted: z.record(z.string(), z.int().min(0)),
  }),
  queue: { concurrency: 1, globalConcurrency: 1 },
  attempts: 3,
  backoff: { baseMs: 60_000 },
  timeoutMs: 30 * 60_000,
  internal: true,
  everyMs: 3_600_000,
  examples: { valid: [{}], invalid: [{ days: 1 }, "all"] },
});
