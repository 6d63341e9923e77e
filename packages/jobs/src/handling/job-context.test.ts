import { defineJob, Held, TryLater } from "@ilgam/contracts";
import { StorageError } from "@ilgam/storage";
import { expect, test } from "vitest";
import { z } from "zod";
import { handlerOf, type JobContext } from "./job-context.ts";

const definition = defineJob({
  ...{ kind: "k", summary: "S.", payload: z.object({}), result: z.object({}) },
  ...{ queue: { concurrency: 1 }, attempts: 1, backoff: { baseMs: 1 }, timeoutMs: 1_000 },
  examples: { valid: [{}], invalid: [] },
});

function failureOf(error: unknown): Promise<unknown> {
  const { handler } = handlerOf(definition, () => Promise.reject(error));
  return handler.process({} as JobContext<unknown>).catch((thrown: unknown) => thrown);
}

test("a file store that is away snoozes the job, and no attempt is consumed", async () => {
  const failure = await failureOf(new StorageError("unavailable"));
  expect(failure).toBeInstanceOf(Held);
  expect(failure).toMatchObject({ provider: "storage" });
});

test("every other error stays what it is", async () => {
  for (const error of [new StorageError("missing"), new Error("x"), new TryLater(1, "later")]) {
    expect(await failureOf(error)).toBe(error);
  }
});
