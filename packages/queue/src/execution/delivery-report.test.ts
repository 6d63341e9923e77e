import type { ClaimedJob, Outcome, SettleOutcome } from "@ilgam/db";
import { expect, test } from "vitest";
import { attemptOfDelivery, failureLine, reportOf } from "./delivery-report.ts";

const job = { id: "1", run: 2, attempt: 3, maxAttempts: 5 } as ClaimedJob;
const error = { code: "away", message: "the service was away" };

function settledAs(status: string, ownError: object | null = null): SettleOutcome {
  return { status: "settled", job: { status, error: ownError } } as SettleOutcome;
}

const attempt = { job, spent: [], runMs: 1 };
const ended = (outcome: Outcome, settled: SettleOutcome) =>
  reportOf({ type: "ended", ...attempt, outcome, settled });

test("a delivery tells run and attempt of its job", () => {
  const report = ended({ type: "completed", output: 1 }, settledAs("completed"));
  expect(report).toEqual({ outcome: "completed", run: 2, attempt: 3, maxAttempts: 5 });
  expect(attemptOfDelivery({ returnvalue: report })).toBe(3);
});

test("what Postgres made of the end counts, not what the handler wanted", () => {
  const completed: Outcome = { type: "completed", output: 1 };
  expect(ended(completed, settledAs("cancelled")).outcome).toBe("cancelled");
  const refused = { code: "end_refused", message: "the job's end could not be stored" };
  expect(ended(completed, settledAs("queued", refused))).toMatchObject({
    ...{ outcome: "retried", reason: "end_refused: the job's end could not be stored" },
  });
  const snooze: Outcome = { type: "snooze", why: "the quota is spent", delayMs: 1, maxSnoozes: 1 };
  expect(ended(snooze, settledAs("queued"))).toMatchObject({
    ...{ outcome: "snoozed", reason: "the quota is spent" },
  });
  const tooMany = { code: "too_many_snoozes", message: "the quota is spent" };
  expect(ended(snooze, settledAs("failed", tooMany))).toMatchObject({
    ...{ outcome: "failed", reason: "too_many_snoozes: the quota is spent" },
  });
  const drained = ended({ type: "release", why: "drain" }, settledAs("queued", error));
  expect(drained).toMatchObject({ outcome: "given back", reason: "drain" });
});

test("a settlement whose reply was lost is told as it was sent, a fenced one as refused", () => {
  const retry: Outcome = { type: "retry", error, delayMs: 1 };
  const repeated = { status: "repeated" } as const;
  expect(ended(retry, repeated)).toMatchObject({
    ...{ outcome: "retried", reason: "away: the service was away" },
  });
  const last = reportOf({
    ...{ type: "ended", ...attempt, outcome: retry, settled: repeated },
    job: { ...job, attempt: 5 },
  });
  expect(last.outcome).toBe("failed");
  expect(ended({ type: "completed", output: 1 }, repeated).outcome).toBe("completed");
  expect(ended(retry, { status: "fenced" })).toMatchObject({ outcome: "refused", attempt: 3 });
});

test("a delivery that began nothing has a reason and no attempt", () => {
  for (const why of ["duplicate", "gone", "closing"] as const) {
    const report = reportOf({ type: "dropped", why });
    expect(report).toMatchObject({ outcome: "dropped", reason: expect.stringMatching(/\w/) });
    expect(attemptOfDelivery({ returnvalue: report })).toBeUndefined();
  }
  expect(reportOf({ type: "abandoned", job }).outcome).toBe("abandoned");
});

test("the line of a failed attempt names run, attempt and reason, and gives the attempt back", () => {
  const line = failureLine(ended({ type: "failed", error }, settledAs("failed", error)));
  expect(line).toBe("run 2, attempt 3 of 5, the job failed: away: the service was away");
  expect(attemptOfDelivery({ failedReason: line, returnvalue: null })).toBe(3);
  expect(attemptOfDelivery({ failedReason: "worker_lost: the worker process died" })).toBe(
    undefined,
  );
});
