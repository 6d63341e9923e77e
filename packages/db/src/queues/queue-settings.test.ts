import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { newJob } from "../fixtures/jobs.ts";
import {
  advancePriorityEpoch,
  changeOverrides,
  createPool,
  ensureQueues,
  listQueueSettings,
  setPaused,
  submitAll,
} from "../index.ts";

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
  const declared = { globalConcurrency: 3, rate: { max: 5, durationMs: 1_000 } };
  expect(await settingsOf("limited")).toMatchObject({
    stored: { paused: false, declared, overrides: {} },
    inForce: { paused: false, concurrency: null, ...declared, window: null },
    priorityEpoch: expect.any(Number),
  });
});

test("a process that starts later does not undo an operator's pause", async () => {
  await ensureQueues(pool, [{ name: "held" }]);
  expect(await setPaused(pool, "held", true)).toMatchObject({
    ...{ name: "held", inForce: { paused: true } },
  });
  await ensureQueues(pool, [{ name: "held" }]);
  const { stored } = (await settingsOf("held")) ?? {};
  expect(stored).toMatchObject({ paused: true, declared: { globalConcurrency: null } });
  expect(await setPaused(pool, "held", false)).toMatchObject({ stored: { paused: false } });
});

test("an unknown queue cannot be paused or changed", async () => {
  expect(await setPaused(pool, "nowhere", true)).toBeUndefined();
  expect(await changeOverrides(pool, "nowhere", { set: {}, reset: [] })).toBeUndefined();
});

test("overrides hold over restarts, and a reset gives back what is declared then", async () => {
  const queue = { name: "set", globalConcurrency: 3, limiter: { max: 5, durationMs: 1_000 } };
  await ensureQueues(pool, [queue]);
  const set = { globalConcurrency: 9, rate: null };
  expect((await changeOverrides(pool, "set", { set, reset: [] }))?.inForce).toMatchObject({
    ...{ globalConcurrency: 9, rate: null },
    because: { globalConcurrency: "override", rate: "override" },
  });
  await ensureQueues(pool, [{ ...queue, globalConcurrency: 4 }]);
  expect((await settingsOf("set"))?.inForce).toMatchObject({ globalConcurrency: 9, rate: null });
  const reset = ["globalConcurrency", "rate"] as const;
  expect((await changeOverrides(pool, "set", { set: {}, reset }))?.inForce).toMatchObject({
    ...{ globalConcurrency: 4, rate: { max: 5, durationMs: 1_000 } },
    because: { globalConcurrency: "declared", rate: "declared" },
  });
});

test("changes of different settings at once lose none of each other", async () => {
  await ensureQueues(pool, [{ name: "shared" }]);
  const sets = [{ concurrency: 2 }, { globalConcurrency: 7 }, { rate: null }, { windows: [] }];
  await Promise.all(
    sets.map((set) => changeOverrides(pool, "shared", { set, reset: ["adaptive"] })),
  );
  expect((await settingsOf("shared"))?.stored.overrides).toEqual(Object.assign({}, ...sets));
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
