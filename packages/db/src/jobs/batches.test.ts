import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, settle, submittedBatch } from "../fixtures/jobs.ts";
import {
  countOpenBatches,
  createPool,
  finishBatches,
  finishForgottenBatches,
  retryJobs,
} from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const completed = { type: "completed", output: 1 } as const;
const isFinished = async (batchId: string) => {
  const [row] = await database.query<{ done: boolean }>(
    "SELECT finished_at IS NOT NULL AS done FROM batches WHERE id = $1",
    [batchId],
  );
  return row?.done;
};

test("a batch stays open while a child is queued or running, and is finished once", async () => {
  const { batchId, ids } = await submittedBatch(pool, 2);
  const [first, second] = [await claim(pool, ids[0] ?? ""), ids[1] ?? ""];
  expect(await finishBatches(pool, [batchId])).toEqual([]);
  await settle(pool, first, completed);
  expect(await finishBatches(pool, [batchId])).toEqual([]);
  await settle(pool, await claim(pool, second), { type: "release", why: "drain" });
  expect(await finishBatches(pool, [batchId])).toEqual([]);
  await settle(pool, await claim(pool, second), completed);
  expect(await finishBatches(pool, [batchId])).toEqual([batchId]);
  expect(await finishBatches(pool, [batchId])).toEqual([]);
});

test("the last two children ending at once never leave the batch open for good", async () => {
  const { batchId, ids } = await submittedBatch(pool, 2);
  const [one, two] = await Promise.all(ids.map((id) => claim(pool, id)));
  if (!one || !two) throw new Error("both are claimed");
  await pool.transaction(async (tx) => {
    await settle(tx, one, completed);
    await settle(pool, two, completed);
    // Each asks before the other's end can be seen.
    expect(await finishBatches(pool, [batchId])).toEqual([]);
  });
  expect(await isFinished(batchId)).toBe(false);
  await database.query("UPDATE batches SET created_at = now() - interval '1 min'");
  expect(await finishForgottenBatches(pool)).toEqual([batchId]);
  expect(await isFinished(batchId)).toBe(true);
});

test("asked by ten children at once, in any order, each batch is finished by one", async () => {
  const batches = await Promise.all([1, 2, 3].map(() => submittedBatch(pool, 1)));
  for (const { ids } of batches) await settle(pool, await claim(pool, ids[0] ?? ""), completed);
  const wanted = batches.map((batch) => batch.batchId);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => finishBatches(pool, n % 2 ? wanted : wanted.toReversed())),
  );
  expect(answers.flat().toSorted()).toEqual(wanted.toSorted());
});

test("a retried child opens its batch again", async () => {
  const { batchId, ids } = await submittedBatch(pool, 1);
  await settle(pool, await claim(pool, ids[0] ?? ""), completed);
  await finishBatches(pool, [batchId]);
  await retryJobs(pool, "tenant", ids, 1);
  expect(await isFinished(batchId)).toBe(false);
  await settle(pool, await claim(pool, ids[0] ?? ""), completed);
  expect(await finishBatches(pool, [batchId])).toEqual([batchId]);
});

test("a tenant's share is divided by its open batches of the kind only", async () => {
  const count = () => countOpenBatches(pool, "counted", "probe");
  const mine = await submittedBatch(pool, 1, { tenantId: "counted" });
  await submittedBatch(pool, 1, { tenantId: "counted" });
  await submittedBatch(pool, 1, { tenantId: "counted", kind: "other" });
  expect(await count()).toBe(2);
  await settle(pool, await claim(pool, mine.ids[0] ?? ""), completed);
  await finishBatches(pool, [mine.batchId]);
  expect(await count()).toBe(1);
});

test("a batch that a retry is about to reopen is not closed meanwhile", async () => {
  const { batchId, ids } = await submittedBatch(pool, 1);
  await settle(pool, await claim(pool, ids[0] ?? ""), completed);
  await pool.transaction(async (tx) => {
    await retryJobs(tx, "tenant", ids, 1_000);
    expect(await finishBatches(pool, [batchId])).toEqual([]);
  });
  expect(await isFinished(batchId)).toBe(false);
});
