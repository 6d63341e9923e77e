import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, escapesFromTheEnd, settle, stateOf, submitted } from "../fixtures/jobs.ts";
import { cancelJobs, createPool, newId, retryJobs } from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(async () => {
  expect(await escapesFromTheEnd(pool)).toEqual([]);
  await pool.close();
});

const error = { code: "broken", message: "it broke" };

async function failedJob() {
  const job = await claimed(pool, { expiresInMs: 60_000, callbackUrl: "https://x.y/z" });
  await settle(pool, job, { type: "failed", error });
  return job;
}

test("a retry is a new run: attempts from 0, due at once, under its new place and dispatch", async () => {
  const { id } = await failedJob();
  expect(await retryJobs(pool, "tenant", [id], 77.9)).toEqual([
    {
      ...{ id, was: "failed", accepted: true, queue: "probe", priority: "normal" },
      ...{ kind: "probe", run: 2, virtualStart: 77, dispatch: 1 },
    },
  ]);
  expect(await stateOf(pool, id)).toMatchObject({
    ...{
      status: "queued",
      run: 2,
      attempt: 0,
      epoch: 1,
      dispatch: 1,
      error: null,
      finished: false,
    },
    ...{ expires_at: null, started_at: null },
  });
  expect(await claim(pool, id)).toMatchObject({ run: 2, epoch: 2, attempt: 1 });
});

test("the old run's attempts, events and result are kept beside the new run's", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { type: "completed", output: "first" });
  await retryJobs(pool, "tenant", [job.id], 1);
  await settle(pool, await claim(pool, job.id), { type: "completed", output: "second" });
  const results = await database.query(
    "SELECT run, epoch, output FROM job_results WHERE job_id = $1 ORDER BY run",
    [job.id],
  );
  expect(results).toEqual([
    { run: 1, epoch: 1, output: "first" },
    { run: 2, epoch: 2, output: "second" },
  ]);
  const attempts = await database.query(
    "SELECT run, attempt, outcome FROM job_attempts WHERE job_id = $1 ORDER BY epoch",
    [job.id],
  );
  expect(attempts).toEqual([
    { run: 1, attempt: 1, outcome: "completed" },
    { run: 2, attempt: 1, outcome: "completed" },
  ]);
  const events = await database.query<{ run: number; status: string }>(
    "SELECT run, data->>'status' AS status FROM job_events WHERE job_id = $1 ORDER BY seq",
    [job.id],
  );
  expect(events.map(({ run, status }) => `${run} ${status}`)).toEqual([
    ...["1 processing", "1 completed", "2 queued", "2 processing", "2 completed"],
  ]);
});

test("a late worker of the old run cannot end the new one", async () => {
  const old = await claimed(pool);
  await cancelJobs(pool, "tenant", [old.id]);
  await settle(pool, old, { type: "completed", output: 1 });
  await retryJobs(pool, "tenant", [old.id], 1);
  const holder = await claim(pool, old.id);
  const late = await settle(pool, old, { type: "completed", output: "late" });
  expect(late.status).not.toBe("settled");
  expect(await stateOf(pool, old.id)).toMatchObject({ status: "processing", epoch: holder.epoch });
});

test("each run's end has a webhook of its own", async () => {
  const { id } = await failedJob();
  await retryJobs(pool, "tenant", [id], 1);
  await settle(pool, await claim(pool, id), { type: "failed", error });
  const webhooks = await database.query(
    "SELECT run, event FROM webhook_deliveries WHERE subject_id = $1 ORDER BY run",
    [id],
  );
  expect(webhooks).toEqual([
    { run: 1, event: "job.failed" },
    { run: 2, event: "job.failed" },
  ]);
});

test("a job that is queued or running is refused and untouched", async () => {
  const ids = [await submitted(pool), (await claimed(pool)).id];
  const outcomes = await retryJobs(pool, "tenant", ids, 1);
  expect(outcomes.map((one) => [one.was, one.accepted])).toEqual([
    ["queued", false],
    ["processing", false],
  ]);
  for (const id of ids) expect((await stateOf(pool, id)).run).toBe(1);
});

test("two retries at once start one run", async () => {
  const { id } = await failedJob();
  const outcomes = await Promise.all([1, 2, 3].map(() => retryJobs(pool, "tenant", [id], 1)));
  expect(outcomes.flat().filter((one) => one.accepted)).toHaveLength(1);
  expect((await stateOf(pool, id)).run).toBe(2);
});

test("another tenant's jobs and unknown ones are left out of the answer and alone", async () => {
  const { id } = await failedJob();
  expect(await retryJobs(pool, "stranger", [id, newId()], 1)).toEqual([]);
  expect((await stateOf(pool, id)).status).toBe("failed");
});
