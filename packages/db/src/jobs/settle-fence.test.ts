import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, settle, someoneWaits, stateOf } from "../fixtures/jobs.ts";
import { cancelJobs, createPool, newId, type Settlement, settleAll } from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const completed = (output: unknown = 1) => ({ type: "completed", output }) as const;
const release = { type: "release", why: "drain" } as const;
const error = { code: "broken", message: "it broke" };
const resultsOf = (id: string) =>
  database.query("SELECT epoch, output FROM job_results WHERE job_id = $1", [id]);

const ends: [string, Settlement["outcome"]][] = [
  ["a result", completed()],
  ["a failure", { type: "failed", error }],
  ["a retry", { type: "retry", error, delayMs: 0 }],
  ["a snooze", { type: "snooze", why: "pace", delayMs: 0, maxSnoozes: 9 }],
  ["a release", release],
];

test.each(ends)(
  "a cancel that came first wins over %s and leaves no result",
  async (_, outcome) => {
    const job = await claimed(pool);
    await cancelJobs(pool, "tenant", [job.id]);
    expect(await settle(pool, job, outcome)).toMatchObject({ job: { status: "cancelled" } });
    expect(await stateOf(pool, job.id)).toMatchObject({
      status: "cancelled",
      error: { code: "cancelled", message: "cancelled" },
    });
    expect(await resultsOf(job.id)).toEqual([]);
  },
);

test("a cancel that comes while the settlement commits finds the job ended", async () => {
  const job = await claimed(pool);
  let cancel: ReturnType<typeof cancelJobs> | undefined;
  await pool.transaction(async (tx) => {
    await settle(tx, job, completed());
    cancel = cancelJobs(pool, "tenant", [job.id]);
    await waitFor(() => someoneWaits(database), { what: "the cancel to wait" });
  });
  expect(await cancel).toMatchObject([{ status: "completed", accepted: false }]);
  expect(await resultsOf(job.id)).toHaveLength(1);
});

test("one's own settlement whose reply was lost is recognised, in every outcome", async () => {
  for (const [, outcome] of ends) {
    const job = await claimed(pool);
    await settle(pool, job, outcome);
    expect(await settle(pool, job, outcome)).toEqual({ status: "repeated" });
  }
});

test("a repetition is still recognised when a successor has the job", async () => {
  const job = await claimed(pool);
  await settle(pool, job, release);
  await claim(pool, job.id);
  expect(await settle(pool, job, release)).toEqual({ status: "repeated" });
  expect((await stateOf(pool, job.id)).status).toBe("processing");
});

test("a late worker cannot overwrite a newer result", async () => {
  const late = await claimed(pool);
  await database.query("UPDATE jobs SET status = 'queued' WHERE id = $1", [late.id]);
  const newer = await claim(pool, late.id);
  expect(await settle(pool, late, completed("old"))).toEqual({ status: "fenced" });
  await settle(pool, newer, completed("new"));
  expect(await settle(pool, late, completed("old"))).toEqual({ status: "fenced" });
  expect(await resultsOf(late.id)).toEqual([{ epoch: 2, output: "new" }]);
});

test("an unknown job, a queued one and an epoch of the future are fenced", async () => {
  const job = await claimed(pool);
  expect(await settle(pool, { id: newId(), epoch: 1 }, completed())).toEqual({ status: "fenced" });
  expect(await settle(pool, { id: job.id, epoch: 2 }, completed())).toEqual({ status: "fenced" });
  await database.query("UPDATE jobs SET status = 'queued' WHERE id = $1", [job.id]);
  expect(await settle(pool, job, completed())).toEqual({ status: "fenced" });
});

test("a settlement in a transaction that is rolled back leaves nothing", async () => {
  const job = await claimed(pool, { callbackUrl: "https://x.y/z" });
  const hook = pool.transaction(async (tx) => {
    await settle(tx, job, completed());
    throw new Error("the hook failed");
  });
  await expect(hook).rejects.toThrow("the hook failed");
  expect(await stateOf(pool, job.id)).toMatchObject({ status: "processing", epoch: 1 });
  const left = await database.query(
    `SELECT 1 FROM job_results WHERE job_id = $1 UNION ALL SELECT 1 FROM job_attempts
     WHERE job_id = $1 UNION ALL SELECT 1 FROM webhook_deliveries WHERE subject_id = $1`,
    [job.id],
  );
  expect(left).toEqual([]);
  expect(await settle(pool, job, completed())).toMatchObject({ status: "settled" });
});

test("an ended job that asked for a webhook has one delivery, a waiting one none", async () => {
  const job = await claimed(pool, { callbackUrl: "https://x.y/z" });
  const deliveries = () =>
    database.query("SELECT endpoint, run, event FROM webhook_deliveries WHERE subject_id = $1", [
      job.id,
    ]);
  await settle(pool, job, release);
  expect(await deliveries()).toEqual([]);
  const again = await claim(pool, job.id);
  await settle(pool, again, completed());
  await settle(pool, again, completed());
  expect(await deliveries()).toEqual([
    { endpoint: "https://x.y/z", run: 1, event: "job.completed" },
  ]);
});

test("in one micro-batch the first settlement of an attempt counts and a late one is fenced", async () => {
  const late = await claimed(pool);
  await database.query("UPDATE jobs SET status = 'queued' WHERE id = $1", [late.id]);
  const holder = await claim(pool, late.id);
  const outcomes = await settleAll(pool, [
    { id: late.id, epoch: late.epoch, outcome: completed("late") },
    { id: holder.id, epoch: holder.epoch, outcome: completed("first") },
    { id: holder.id, epoch: holder.epoch, outcome: completed("second") },
  ]);
  expect(outcomes.map((one) => one.status)).toEqual(["fenced", "settled", "repeated"]);
  expect(await resultsOf(late.id)).toEqual([{ epoch: 2, output: "first" }]);
});
