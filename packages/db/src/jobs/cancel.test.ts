import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, settle, stateOf, submitted, submittedBatch } from "../fixtures/jobs.ts";
import {
  cancelBatch,
  cancelJobs,
  cancelRequestsOf,
  createPool,
  finishBatches,
  newId,
} from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const isCancelled = { code: "cancelled", message: "cancelled" };

test("a queued job is cancelled at once, with one webhook", async () => {
  const id = await submitted(pool, { callbackUrl: "https://x.y/z" });
  const place = { kind: "probe", queue: "probe", run: 1, attempt: 0 };
  const answer = { id, ...place, status: "cancelled", accepted: true, batchId: null };
  expect(await cancelJobs(pool, "tenant", [id])).toEqual([answer]);
  expect(await stateOf(pool, id)).toMatchObject({ finished: true, error: isCancelled });
  expect(await cancelJobs(pool, "tenant", [id])).toEqual([
    { ...answer, accepted: false, batchId: null },
  ]);
  const webhooks = await database.query("SELECT event FROM webhook_deliveries");
  expect(webhooks).toEqual([{ event: "job.cancelled" }]);
});

test("a delayed job, a parked one and one that waits for a retry are cancelled at once", async () => {
  const delayed = await submitted(pool, { delayMs: 3_600_000 });
  const parked = await submitted(pool, { parked: true });
  const retried = await claimed(pool);
  const error = { code: "broken", message: "it broke" };
  await settle(pool, retried, { type: "retry", error, delayMs: 60_000 });
  const outcomes = await cancelJobs(pool, "tenant", [delayed, parked, retried.id]);
  expect(outcomes.map((one) => one.status)).toEqual(["cancelled", "cancelled", "cancelled"]);
});

test("a running job is asked, found by its worker, and not ended by the cancel itself", async () => {
  const job = await claimed(pool);
  const { worker_id: workerId } = await stateOf(pool, job.id);
  const [outcome] = await cancelJobs(pool, "tenant", [job.id]);
  expect(outcome).toMatchObject({ status: "processing", accepted: true });
  expect(await stateOf(pool, job.id)).toMatchObject({ status: "processing", finished: false });
  expect(await cancelRequestsOf(pool, workerId ?? "")).toEqual([job.id]);
  expect(await cancelRequestsOf(pool, newId())).toEqual([]);
});

test("a second cancel of a running job keeps the time of the first", async () => {
  const job = await claimed(pool);
  const at = async () =>
    (await database.query("SELECT cancel_requested_at AS at FROM jobs WHERE id = $1", [job.id]))[0];
  await cancelJobs(pool, "tenant", [job.id]);
  const first = await at();
  await cancelJobs(pool, "tenant", [job.id]);
  expect(await at()).toEqual(first);
});

test("a finished job stays what it was", async () => {
  const job = await claimed(pool);
  await settle(pool, job, { type: "completed", output: 1 });
  const [outcome] = await cancelJobs(pool, "tenant", [job.id]);
  expect(outcome).toMatchObject({ status: "completed", accepted: false });
  expect(await stateOf(pool, job.id)).toMatchObject({ status: "completed", error: null });
});

test("another tenant's jobs and unknown ones are left out of the answer and alone", async () => {
  const id = await submitted(pool);
  expect(await cancelJobs(pool, "stranger", [id, newId()])).toEqual([]);
  expect((await stateOf(pool, id)).status).toBe("queued");
});

test("cancelling a batch ends its queued children, asks the running and keeps the finished", async () => {
  const { batchId, ids } = await submittedBatch(pool, 3);
  const [first = "", second = "", third = ""] = ids;
  await settle(pool, await claim(pool, first), { type: "completed", output: 1 });
  await claim(pool, second);
  const outcomes = await cancelBatch(pool, "tenant", batchId);
  expect(outcomes.map((one) => [one.id, one.status])).toEqual([
    [second, "processing"],
    [third, "cancelled"],
  ]);
  expect((await stateOf(pool, first)).status).toBe("completed");
});

test("another tenant cannot cancel a batch", async () => {
  const { batchId, ids } = await submittedBatch(pool, 1);
  expect(await cancelBatch(pool, "stranger", batchId)).toEqual([]);
  expect((await stateOf(pool, ids[0] ?? "")).status).toBe("queued");
  const [batch] = await database.query("SELECT cancelled_at FROM batches WHERE id = $1", [batchId]);
  expect(batch).toEqual({ cancelled_at: null });
});

test("cancelling a finished batch does not mark it as cancelled", async () => {
  const { batchId, ids } = await submittedBatch(pool, 1);
  await settle(pool, await claim(pool, ids[0] ?? ""), { type: "completed", output: 1 });
  await finishBatches(pool, [batchId]);
  await cancelBatch(pool, "tenant", batchId);
  const [batch] = await database.query("SELECT cancelled_at FROM batches WHERE id = $1", [batchId]);
  expect(batch).toEqual({ cancelled_at: null });
});

test("a cancelled batch with nothing running can be finished at once", async () => {
  const { batchId } = await submittedBatch(pool, 2);
  await cancelBatch(pool, "tenant", batchId);
  expect(await finishBatches(pool, [batchId])).toEqual([batchId]);
  const [batch] = await database.query(
    "SELECT cancelled_at IS NOT NULL AS cancelled FROM batches WHERE id = $1",
    [batchId],
  );
  expect(batch).toEqual({ cancelled: true });
});
