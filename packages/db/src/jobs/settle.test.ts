import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, settle, stateOf } from "../fixtures/jobs.ts";
import { createPool, settleAll } from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const error = { code: "broken", message: "it broke" };
const retry = { type: "retry", error, delayMs: 30_000 } as const;
const snooze = { type: "snooze", why: "pace", delayMs: 10_000, maxSnoozes: 2 } as const;
const attemptsOf = (id: string) =>
  database.query(
    "SELECT epoch, attempt, outcome, error FROM job_attempts WHERE job_id = $1 ORDER BY epoch",
    [id],
  );

test("a completed job has its result, its attempt with what it spent, and its end in one commit", async () => {
  const job = await claimed(pool);
  const [outcome] = await settleAll(pool, [
    {
      id: job.id,
      epoch: 1,
      outcome: { type: "completed", output: { n: 1 } },
      spent: [{ model: "m", tokens: 7, unpricedTokens: 0, cost: 0.5 }],
    },
  ]);
  expect(outcome).toMatchObject({ status: "settled", job: { status: "completed", delayMs: 0 } });
  const state = await stateOf(pool, job.id);
  expect(state).toMatchObject({ status: "completed", progress: 100, finished: true, error: null });
  expect(state.worker_id).toBeNull();
  const [row] = await database.query(
    `SELECT output, r.epoch, tokens, cost::float8, outcome, worker_id IS NOT NULL AS by_worker
     FROM job_results r JOIN job_attempts a USING (job_id) WHERE job_id = $1`,
    [job.id],
  );
  expect(row).toEqual({
    ...{ output: { n: 1 }, epoch: 1, tokens: 7, cost: 0.5 },
    ...{ outcome: "completed", by_worker: true },
  });
  const events = await database.query(
    "SELECT data->>'status' AS status FROM job_events WHERE job_id = $1 ORDER BY seq",
    [job.id],
  );
  expect(events).toEqual([{ status: "processing" }, { status: "completed" }]);
});

test("a result of null or nothing at all is a result", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { type: "completed", output: undefined });
  const rows = await database.query("SELECT output FROM job_results WHERE job_id = $1", [job.id]);
  expect(rows).toEqual([{ output: null }]);
});

test("a failed job is failed at once, whatever attempts are left, and leaves no result", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { type: "failed", error });
  expect(await stateOf(pool, job.id)).toMatchObject({ status: "failed", error, attempt: 1 });
  expect(await database.query("SELECT 1 FROM job_results WHERE job_id = $1", [job.id])).toEqual([]);
});

test("a retry waits its back-off under a new dispatch, its attempt consumed", async () => {
  const job = await claimed(pool);
  const outcome = await settle(pool, job, retry);
  expect(outcome).toMatchObject({ status: "settled", job: { status: "queued", dispatch: 1 } });
  expect(outcome.status === "settled" && outcome.job.delayMs).toBeCloseTo(30_000, -1);
  const state = await stateOf(pool, job.id);
  expect(state).toMatchObject({ status: "queued", attempt: 1, wait_reason: "retry", error });
  expect(state.due_in).toBeGreaterThan(20);
  expect(state.check_in).toBeLessThan(6);
});

test("a retry of more than a minute is looked at half a minute before it is due", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { ...retry, delayMs: 600_000 });
  const state = await stateOf(pool, job.id);
  expect(state.due_in - state.check_in).toBeCloseTo(30, 1);
});

test("the last attempt's retry is a failure with the error of that attempt", async () => {
  const job = await claimed(pool, { maxAttempts: 2 });
  await settle(pool, job, { ...retry, delayMs: 0 });
  const outcome = await settle(pool, await claim(pool, job.id), { ...retry, delayMs: 0 });
  expect(outcome).toMatchObject({ status: "settled", job: { status: "failed", error } });
  expect(await attemptsOf(job.id)).toEqual([
    { epoch: 1, attempt: 1, outcome: "retry", error },
    { epoch: 2, attempt: 2, outcome: "retry", error },
  ]);
});

test("a snooze gives the attempt back and says why it waits", async () => {
  const job = await claimed(pool, { maxAttempts: 1 });
  await settle(pool, job, { ...snooze, delayMs: 0 });
  const state = await stateOf(pool, job.id);
  expect(state).toMatchObject({ status: "queued", attempt: 0, snoozes: 1, wait_reason: "pace" });
  expect(await claim(pool, job.id)).toMatchObject({ attempt: 1, epoch: 2, snoozes: 1 });
});

test("a job that is snoozed once too often fails and says so", async () => {
  let job = await claimed(pool);
  for (const _ of [1, 2]) {
    await settle(pool, job, { ...snooze, delayMs: 0 });
    job = await claim(pool, job.id);
  }
  await settle(pool, job, snooze);
  expect(await stateOf(pool, job.id)).toMatchObject({
    status: "failed",
    error: { code: "too_many_snoozes", message: "pace" },
  });
});

test("a release gives the attempt back and is due at once", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { type: "release", why: "drain" });
  const state = await stateOf(pool, job.id);
  expect(state).toMatchObject({ status: "queued", attempt: 0, snoozes: 0, wait_reason: "drain" });
  expect(state.due_in).toBeLessThanOrEqual(0);
});

test("an attempt that ends clears the suspicion of crashing, a release does not", async () => {
  const suspect = async () => {
    const job = await claimed(pool);
    await database.query("UPDATE jobs SET crash_count = 2 WHERE id = $1", [job.id]);
    return job;
  };
  const [released, retried] = [await suspect(), await suspect()];
  await settle(pool, released, { type: "release", why: "drain" });
  await settle(pool, retried, retry);
  expect((await stateOf(pool, released.id)).crash_count).toBe(2);
  expect((await stateOf(pool, retried.id)).crash_count).toBe(0);
});
