import { parkJobs } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

test("parked jobs are fed by the sweeper and run once each, in their order, highs first", async () => {
  const [hold, order] = [gate(), [] as unknown[]];
  bench.on("holds", () => hold.opened);
  bench.on("parked", async ({ payload }) => void order.push(payload.value));
  // A wait that is long enough for the next test to park a job in it.
  await bench.work({}, { concurrency: 1, backoff: { baseMs: 500, factor: 1, maxMs: 500 } });
  await bench.submit("holds", { priority: "high" });
  await waitFor(() => bench.begun("holds") === 1, { what: "the worker to be busy" });
  await bench.pause(true);
  const ids: string[] = [];
  for (const value of [1, 2, 3]) ids.push(await bench.submit("parked", { value }));
  ids.push(await bench.submit("parked", { value: 0, priority: "high" }));
  // A submission does not wait for its add: one that came after the DEL would stand there twice.
  const inRedis = async () => (await bench.dispatcher.depths()).get("scripted")?.waiting;
  await waitFor(async () => (await inRedis()) === 4, { what: "the adds to be made" });
  await parkJobs(bench.db.sql, ids);
  await redis.command("DEL", "{ilgam-scripted}:scripted:prioritized");
  const fed = async () => {
    const parked = await database.query("SELECT 1 FROM jobs WHERE parked");
    return parked.length === 0 && (await inRedis()) === 4;
  };
  await waitFor(fed, { what: "the parked jobs to stand in Redis" });
  await bench.pause(false);
  hold.open();
  await waitFor(() => order.length === 4, { what: "all to run" });
  expect(order).toEqual([0, 1, 2, 3]);
});

test("a job that is parked while its retry waits is run all the same", async () => {
  bench.on("again", async ({ job }) => {
    if (job.attempt === 1) throw new Error("once more");
  });
  const id = await bench.submit("again");
  await waitFor(async () => (await bench.look(id)).attempt === 1, { what: "the first attempt" });
  await database.query("UPDATE jobs SET parked = true WHERE id = $1 AND status = 'queued'", [id]);
  await waitFor(async () => (await bench.look(id)).status === "completed", { what: "its end" });
});
