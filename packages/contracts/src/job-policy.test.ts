import { expect, test } from "vitest";
import { z } from "zod";
import { backoffMs, defineJob, resolvePolicy, settingPrefix } from "./index.ts";

const definition = defineJob({
  kind: "document-count",
  summary: "Counts.",
  payload: z.object({}),
  result: z.number(),
  queue: { concurrency: 4, globalConcurrency: 10, limiter: { max: 5, durationMs: 1_000 } },
  attempts: 3,
  backoff: { baseMs: 60_000 },
  timeoutMs: 5_000,
  examples: { valid: [{}], invalid: [1] },
});

test("without settings a kind has its own numbers, and the defaults of what it leaves out", () => {
  expect(resolvePolicy(definition, {})).toEqual({
    ...{ concurrency: 4, globalConcurrency: 10, limiter: { max: 5, durationMs: 1_000 } },
    ...{ attempts: 3, backoff: { baseMs: 60_000, factor: 2, maxMs: 3_600_000 }, timeoutMs: 5_000 },
  });
});

test("an operator's settings win over the kind's numbers, an empty one does not", () => {
  const env = {
    ...{ DOCUMENT_COUNT_CONCURRENCY: "8", DOCUMENT_COUNT_GLOBAL_CONCURRENCY: "20" },
    ...{ DOCUMENT_COUNT_ATTEMPTS: "1", DOCUMENT_COUNT_RETRY_MS: "", OTHER_TIMEOUT_MS: "1" },
    DOCUMENT_COUNT_TIMEOUT_MS: "900",
  };
  expect(resolvePolicy(definition, env)).toMatchObject({
    ...{ concurrency: 8, globalConcurrency: 20, attempts: 1, timeoutMs: 900 },
    backoff: { baseMs: 60_000 },
  });
  expect(settingPrefix("document-count")).toBe("DOCUMENT_COUNT");
});

test.each(["0", "-1", "1.5", "many", "NaN", "Infinity"])(
  "a setting of %s is refused by its name",
  (value) => {
    const env = { DOCUMENT_COUNT_ATTEMPTS: value };
    expect(() => resolvePolicy(definition, env)).toThrow(/DOCUMENT_COUNT_ATTEMPTS.*whole number/);
  },
);

test("the back-off grows by its factor up to its longest, with at most a fifth on top", () => {
  const backoff = { baseMs: 100, factor: 2, maxMs: 1_000 };
  const least = [1, 2, 3, 4, 5, 60, 2_000].map((attempt) => backoffMs(backoff, attempt, () => 0));
  expect(least).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  expect(backoffMs(backoff, 1, () => 0.999)).toBeLessThanOrEqual(120);
  expect(backoffMs({ ...backoff, factor: 1 }, 9, () => 0)).toBe(100);
});
