import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
beforeAll(async () => void (await Promise.all([bench.work(), bench.work()])));
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

/** Puts one job into Redis under several generations, past the product's own. */
const deliver = (id: string, dispatches: number[]) =>
  bench.dispatcher.add(
    dispatches.map((dispatch) => ({
      ...{ id, queue: "scripted", priority: "normal" as const },
      ...{ virtualStart: 1, dispatch, delayMs: 0 },
    })),
  );

function inRedis(depths: Awaited<ReturnType<typeof bench.dispatcher.depths>>): string {
  const depth = depths.get("scripted");
  return `${depth?.waiting} waiting, ${depth?.active} active`;
}

test("three deliveries of one id at once run once, over two processes", async () => {
  const hold = gate();
  bench.on("once", () => hold.opened);
  const id = await bench.submit("once");
  await deliver(id, [101, 102, 103, 104, 105]);
  await waitFor(async () => inRedis(await bench.dispatcher.depths()) === "0 waiting, 1 active", {
    what: "the other deliveries to be dropped",
  });
  hold.open();
  expect(await end(id)).toMatchObject({ status: "completed", epoch: 1 });
  expect(bench.begun("once")).toBe(1);
});

test("a delivery of an ended job and of no job at all is dropped quietly", async () => {
  bench.on("ended", async () => 1);
  const id = await bench.submit("ended");
  const before = await end(id);
  await deliver(id, [201]);
  await deliver("01a1fd9c-0000-7000-8000-000000000000", [0]);
  await waitFor(async () => inRedis(await bench.dispatcher.depths()) === "0 waiting, 0 active", {
    what: "both to be taken",
  });
  expect(await bench.look(id)).toEqual(before);
  expect(bench.begun("ended")).toBe(1);
});

test("an alien entry in the queue fails alone and the worker goes on", async () => {
  await deliver("no-uuid", [0]);
  bench.on("goes on", async () => 1);
  expect((await end(await bench.submit("goes on"))).status).toBe("completed");
});

test("a job delivered before it is due waits for its time by the database's clock", async () => {
  bench.on("due", async () => 1);
  const id = await bench.submit("due", { delayMs: 1_200 });
  await deliver(id, [301]);
  await waitFor(
    () => bench.events.some((one) => one.type === "delivery" && one.delivery.type === "early"),
    { what: "the early delivery to be put back" },
  );
  expect((await bench.look(id)).status).toBe("queued");
  expect((await end(id)).status).toBe("completed");
  const [row] = await database.query<{ early: boolean }>(
    "SELECT started_at < date_trunc('milliseconds', run_at) AS early FROM jobs WHERE id = $1",
    [id],
  );
  expect(row).toEqual({ early: false });
});

test("a batch of 100 over two processes is run once each, and finished", async () => {
  bench.on("child", async ({ payload }) => payload.value);
  const ids = await bench.submitMany("child", 100);
  const finished = async () => {
    const [row] = await database.query<{ done: boolean }>(
      `SELECT finished_at IS NOT NULL AS done FROM batches
       WHERE id = (SELECT batch_id FROM jobs WHERE id = $1)`,
      [ids[0]],
    );
    return row?.done;
  };
  await waitFor(finished, { what: "the batch to be finished" });
  expect(bench.begun("child")).toBe(100);
  const results = await database.query<{ output: number }>(
    "SELECT output FROM jobs JOIN job_results ON job_id = id WHERE id = ANY($1) ORDER BY position",
    [ids],
  );
  expect(results.map((one) => one.output)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});
