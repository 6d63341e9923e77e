import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { newJob } from "./fixtures/jobs.ts";
import {
  advancePriorityEpoch,
  createPool,
  ensureQueues,
  listQueueSettings,
  setPaused,
  submitAll,
} from "./index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 2 });
afterAll(() => pool.close());

const settingsOf = async (name: string) =>
  (await listQueueSettings(pool)).find((queue) => queue.name === name);

test("a queue is made with the limits of its kind, by however many processes start at once", async () => {
  const queues = [
    { name: "limited", globalConcurrency: 3, limiter: { max: 5, durationMs: 1_000 } },
  ];
  await Promise.all([1, 2, 3].map(() => ensureQueues(pool, queues)));
  expect(await settingsOf("limited")).toEqual({
    ...{ name: "limited", paused: false, globalConcurrency: 3, rateMax: 5, rateDurationMs: 1_000 },
    priorityEpoch: expect.any(Number),
  });
});

test("a process that starts later does not undo an operator's pause", async () => {
  await ensureQueues(pool, [{ name: "held" }]);
  expect(await setPaused(pool, "held", true)).toMatchObject({ name: "held", paused: true });
  await ensureQueues(pool, [{ name: "held" }]);
  expect(await settingsOf("held")).toMatchObject({ paused: true, globalConcurrency: null });
  expect(await setPaused(pool, "held", false)).toMatchObject({ paused: false });
});

test("an unknown queue cannot be paused", async () => {
  expect(await setPaused(pool, "nowhere", true)).toBeUndefined();
});

test("the priority epoch lies behind now, so that every place has a positive number", async () => {
  await ensureQueues(pool, [{ name: "fresh" }]);
  const epoch = (await settingsOf("fresh"))?.priorityEpoch ?? 0;
  expect(Date.now() / 1_000 - epoch).toBeGreaterThan(80_000);
});

test("the priority epoch moves forward once, long before BullMQ's largest number", async () => {
  await ensureQueues(pool, [{ name: "old" }]);
  expect(await advancePriorityEpoch(pool, "old")).toBe(false);
  await database.query(
    "UPDATE queues SET priority_epoch = priority_epoch - 1000000 WHERE name = 'old'",
  );
  const answers = await Promise.all([1, 2, 3].map(() => advancePriorityEpoch(pool, "old")));
  expect(answers.filter(Boolean)).toHaveLength(1);
  const epoch = (await settingsOf("old"))?.priorityEpoch ?? 0;
  expect(Date.now() / 1_000 - epoch).toBeLessThan(90_000);
});

test("the priority epoch follows what waits, ahead of the clock and back", async () => {
  await ensureQueues(pool, [{ name: "busy" }]);
  const ahead = Math.floor(Date.now() / 1_000) + 1_500_000;
  const job = newJob({ queue: "busy", kind: "busy", virtualStart: ahead });
  await submitAll(pool, [{ subjectId: job.id, jobs: [job] }]);
  expect(await advancePriorityEpoch(pool, "busy")).toBe(true);
  expect((await settingsOf("busy"))?.priorityEpoch).toBe(ahead - 86_400);
  expect(await advancePriorityEpoch(pool, "busy")).toBe(false);
  await database.query("UPDATE jobs SET status = 'completed' WHERE queue = 'busy'");
  expect(await advancePriorityEpoch(pool, "busy")).toBe(true);
  expect(await advancePriorityEpoch(pool, "busy")).toBe(false);
});
