import { defineJob, type JobDefinition } from "@ilgam/contracts";
import { z } from "zod";

const policy = {
  queue: { concurrency: 1 },
  attempts: 3,
  backoff: { baseMs: 1_000 },
  timeoutMs: 1_000,
} as const;

/** A kind for tests: its payload is a text of at most 20 characters. */
export const echo = defineJob({
  kind: "echo",
  summary: "Gives its text back.",
  payload: z.strictObject({ text: z.string().max(20) }),
  result: z.object({ text: z.string() }),
  ...policy,
  examples: { valid: [{ text: "hello" }], invalid: [{ text: 1 }] },
});

/** A kind of the platform's own, not to be submitted over HTTP. */
export const housekeeping = defineJob({
  kind: "housekeeping",
  summary: "Not for clients.",
  payload: z.object({}),
  result: z.object({}),
  ...policy,
  internal: true,
  examples: { valid: [{}], invalid: [] },
});

export const testKinds: readonly JobDefinition[] = [echo, housekeeping];
