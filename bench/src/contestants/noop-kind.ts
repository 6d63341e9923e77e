import { defineJob } from "@ilgam/contracts";
import type { JobHandler } from "@ilgam/queue";
import { z } from "zod";

/** Does nothing: what is left is the engine's own cost. */
export const noopJob = defineJob({
  kind: "noop",
  summary: "Does nothing; for the benchmark only.",
  payload: z.object({ n: z.int() }),
  result: z.object({ ok: z.literal(true) }),
  queue: { concurrency: 50 },
  attempts: 3,
  backoff: { baseMs: 1_000 },
  timeoutMs: 60_000,
  examples: { valid: [{ n: 1 }], invalid: [{ n: "one" }] },
});

export const noopHandler: JobHandler<z.infer<typeof noopJob.payload>, { ok: true }> = {
  process: async () => ({ ok: true }),
};
