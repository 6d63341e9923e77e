import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { claim, someoneWaits, stateOf, submitted } from "../fixtures/jobs.ts";
import {
  cancelJobs,
  createPool,
  ensureQueues,
  parkJobs,
  queuesWithParked,
  unparkJobs,
} from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());
beforeEach(() => database.query("DELETE FROM jobs"));

test("parked jobs come out in the order in which they are to run, each once", async () => {
  for (const virtualStart of [30, 10, 50, 20, 40]) {
    await submitted(pool, { virtualStart, parked: true });
  }
  const take = async () => (await unparkJobs(pool, "probe", 2)).map((job) => job.virtualStart);
  expect([await take(), await take(), await take(), await take()]).toEqual([
    ...[[10, 20], [30, 40], [50], []],
  ]);
});

test("equal places come out in the order of submission", async () => {
  const ids = [];
  for (let n = 0; n < 6; n += 1) ids.push(await submitted(pool, { parked: true }));
  expect((await unparkJobs(pool, "probe", 6)).map((job) => job.id)).toEqual(ids);
});

test("an unparked job has a new generation and is looked at in 5 s", async () => {
  const id = await submitted(pool, { parked: true });
  expect(await unparkJobs(pool, "probe", 9)).toMatchObject([{ id, dispatch: 1 }]);
  expect(await stateOf(pool, id)).toMatchObject({ parked: false });
  expect((await stateOf(pool, id)).check_in).toBeCloseTo(5, 0);
});

test("queues are apart, and only those with parked jobs are named", async () => {
  await ensureQueues(pool, [{ name: "probe" }, { name: "other" }]);
  expect(await queuesWithParked(pool)).toEqual([]);
  await submitted(pool, { queue: "other", parked: true });
  expect(await queuesWithParked(pool)).toEqual(["other"]);
  expect(await unparkJobs(pool, "probe", 9)).toEqual([]);
});

test("two sweepers that feed at once never both take a job", async () => {
  for (let n = 0; n < 5; n += 1) await submitted(pool, { parked: true });
  let second: ReturnType<typeof unparkJobs> | undefined;
  await pool.transaction(async (tx) => {
    expect(await unparkJobs(tx, "probe", 20)).toHaveLength(5);
    second = unparkJobs(pool, "probe", 20);
    await waitFor(() => someoneWaits(database), { what: "the second to wait" });
  });
  expect(await second).toEqual([]);
});

test("only what is to run before a place is taken out, when one is given", async () => {
  for (const virtualStart of [10, 20, 30]) await submitted(pool, { virtualStart, parked: true });
  const taken = await unparkJobs(pool, "probe", 9, 25);
  expect(taken.map((job) => job.virtualStart)).toEqual([10, 20]);
});

test("only queued jobs that are due are parked", async () => {
  const due = await submitted(pool);
  const later = await submitted(pool, { delayMs: 30_000 });
  const running = await submitted(pool);
  await claim(pool, running);
  await parkJobs(pool, [due, later, running]);
  const parked = [due, later, running].map(async (id) => (await stateOf(pool, id)).parked);
  expect(await Promise.all(parked)).toEqual([true, false, false]);
});

test("a parked job that is cancelled is fed no more", async () => {
  const id = await submitted(pool, { parked: true });
  await cancelJobs(pool, "tenant", [id]);
  expect(await unparkJobs(pool, "probe", 9)).toEqual([]);
});

test("parked jobs that are to start before a given second can be taken out alone", async () => {
  const queue = "in-front";
  const first = await submitted(pool, { queue, virtualStart: 10, parked: true });
  await submitted(pool, { queue, virtualStart: 20, parked: true });
  expect((await unparkJobs(pool, queue, 10, 20)).map((job) => job.id)).toEqual([first]);
});
