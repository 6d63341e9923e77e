import { Aborted, type AbortReason, GiveUp, RetryableError, TryLater } from "@ilgam/contracts";
import type { ClaimedJob } from "@ilgam/db";
import { expect, test } from "vitest";
import { outcomeOfError } from "./outcome-of.ts";

const policy = {
  ...{ concurrency: 1, globalConcurrency: undefined, limiter: undefined, attempts: 3 },
  ...{ backoff: { baseMs: 1_000, factor: 2, maxMs: 60_000 }, timeoutMs: 5_000 },
};
const job: ClaimedJob = {
  ...{ id: "id", tenantId: "t", kind: "k", queue: "k", priority: "normal", run: 1, epoch: 2 },
  ...{ attempt: 2, maxAttempts: 3, crashCount: 0, snoozes: 0, batchId: null, position: null },
  ...{ tags: [], metadata: {}, traceContext: null, waitedMs: 0, input: null },
};
const outcomeOf = (error: unknown, why?: AbortReason) =>
  outcomeOfError(error, job, policy, {
    abortedBy: why === undefined ? undefined : new Aborted(why),
    maxHoldMs: 1_000,
    maxSnoozes: 7,
  });

const table: [string, unknown, object][] = [
  [
    "giving up is a failure with its own words",
    new GiveUp("no image", { code: "not_an_image" }),
    { type: "failed", error: { code: "not_an_image", message: "no image" } },
  ],
  ["giving up has a code without one too", new GiveUp("x"), { error: { code: "gave_up" } }],
  [
    "not now is a snooze, capped",
    new TryLater(1_200.4, "the pace is closed"),
    { type: "snooze", why: "the pace is closed", delayMs: 1_201, maxSnoozes: 7 },
  ],
  ["a snooze into the past is one for now", new TryLater(-5, "x"), { type: "snooze", delayMs: 0 }],
  [
    "a retryable error waits as long as the upstream said",
    new RetryableError("busy", { code: "upstream_busy", delayMs: 9_000 }),
    { type: "retry", error: { code: "upstream_busy", message: "busy" }, delayMs: 9_000 },
  ],
];

test.each(table)("%s", (_, error, expected) => {
  expect(outcomeOf(error)).toMatchObject(expected);
});

test.each([new Error("hunter2"), "hunter2", undefined, { message: "hunter2" }])(
  "anything else is retried with a general sentence: %s",
  (error) => {
    const outcome = outcomeOf(error);
    expect(outcome).toMatchObject({ type: "retry", error: { code: "processing_error" } });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  },
);

test("the back-off grows with the attempt that failed, by at most a fifth of jitter", () => {
  const outcome = outcomeOf(new Error("x"));
  const delayMs = outcome?.type === "retry" ? outcome.delayMs : 0;
  expect(delayMs).toBeGreaterThanOrEqual(2_000);
  expect(delayMs).toBeLessThanOrEqual(2_400);
});

test("why the signal was aborted counts more than what the processor made of it", () => {
  const thrown = new Error("This operation was aborted");
  expect(outcomeOf(thrown, "timeout")).toMatchObject({ type: "retry", error: { code: "timeout" } });
  expect(outcomeOf(thrown, "cancelled")).toEqual({ type: "release", why: "cancel" });
  expect(outcomeOf(thrown, "drain")).toEqual({ type: "release", why: "drain" });
  expect(outcomeOf(thrown, "lease_lost")).toBeUndefined();
  expect(outcomeOf(new Aborted("lease_lost"))).toBeUndefined();
});

test("a message that is shown is cut at 500 characters", () => {
  const long = outcomeOf(new GiveUp("가".repeat(2_000)));
  const message = long?.type === "failed" ? long.error.message : "";
  expect(message).toHaveLength(500);
  expect(message.endsWith("…")).toBe(true);
});
