import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

const begun = (script: string, count = 1) =>
  waitFor(() => bench.begun(script) >= count, { what: `${script} to begin` });

test("a drain waits for what is in progress, and takes nothing new", async () => {
  const finish = gate();
  bench.on("in progress", () => finish.opened);
  bench.on("new", async () => 1);
  const workers = await bench.work({ sweep: false });
  const id = await bench.submit("in progress");
  await begun("in progress");
  const stopped = workers.stop(10_000);
  const later = await bench.submit("new");
  finish.open();
  await stopped;
  expect(await bench.look(id)).toMatchObject({ status: "completed", attempt: 1 });
  expect(await bench.look(later)).toMatchObject({ status: "queued", epoch: 0 });
  // Without a sweeper, so it must stand in Redis still.
  await bench.work({ sweep: false });
  expect((await end(later)).status).toBe("completed");
});

test("a stopped worker is listed no more, and leaves no lease behind", async () => {
  const workers = await bench.work();
  const listed = () =>
    database.query("SELECT 1 FROM worker_leases WHERE worker_id = $1", [workers.workerId()]);
  expect(await listed()).toHaveLength(1);
  await workers.stop(100);
  expect(await listed()).toEqual([]);
});
