import { ensureQueues } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

/** BullMQ priorities of what waits. */
async function numbers(): Promise<number[]> {
  const waiting = (await redis.command(
    ...["ZRANGE", "{ilgam-scripted}:scripted:prioritized", "0", "-1", "WITHSCORES"],
  )) as string[];
  return waiting.filter((_, at) => at % 2 === 1).map((score) => Math.floor(+score / 2 ** 32));
}

test("when the priority epoch moves, what waits is fed again in the new numbers", async () => {
  bench.on("old", async () => 1);
  await ensureQueues(bench.db.sql, [{ name: "scripted" }]);
  await database.query("UPDATE queues SET priority_epoch = priority_epoch - 900000");
  await bench.pause(true);
  const id = await bench.submit("old");
  await waitFor(async () => (await numbers()).length === 1, { what: "it to stand in Redis" });
  expect((await numbers())[0]).toBeGreaterThan(900_000);
  await bench.work();
  // Ten days later.
  await database.query("UPDATE queues SET priority_epoch = priority_epoch - 100000");
  await waitFor(
    async () => {
      const waiting = await numbers();
      return waiting.length === 1 && waiting.every((number) => number < 100_000);
    },
    { what: "the waiting job to have one number, of the new epoch" },
  );
  await bench.pause(false);
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to run" });
  expect(bench.begun("old")).toBe(1);
});
