import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

const allOver = async (ids: string[]) => {
  const [row] = await database.query<{ open: number }>(
    "SELECT count(*) AS open FROM jobs WHERE id = ANY($1) AND status <> 'completed'",
    [ids],
  );
  return row?.open === 0;
};

test("a wipe of Redis in the middle of the work loses no job and repeats none", async () => {
  const proceed = gate();
  bench.on("work", async ({ payload }) => {
    await proceed.opened;
    return payload.value;
  });
  await bench.work({ sweep: false }, { concurrency: 5 });
  const ids = await bench.submitMany("work", 60);
  await waitFor(() => bench.begun("work") >= 5, { what: "the first to begin" });
  await redis.command("FLUSHDB");
  const left = await bench.dispatcher.depths();
  expect(left.get("scripted")).toMatchObject({ waiting: 0, active: 0 });
  proceed.open();
  await bench.work();
  await waitFor(() => allOver(ids), { what: "all jobs to complete" });
  expect(bench.begun("work")).toBe(60);
  expect(bench.events.some((one) => one.type === "redis_reset")).toBe(true);
});

test("a job whose delay was mirrored in Redis comes also after a wipe, and not before its time", async () => {
  bench.on("delayed", async () => 1);
  const id = await bench.submit("delayed", { delayMs: 1_500 });
  await waitFor(async () => (await bench.dispatcher.depths()).get("scripted")?.delayed === 1, {
    what: "it to stand in Redis",
  });
  await redis.command("FLUSHDB");
  await waitFor(async () => isOver(await bench.look(id)), { what: "the delayed job" });
  const [row] = await database.query(
    "SELECT claimed_at >= run_at AS in_time FROM jobs WHERE id = $1",
    [id],
  );
  expect(row).toEqual({ in_time: true });
});

test("an entry that Redis has lost alone is fed again under a new generation", async () => {
  bench.on("lost", async () => 1);
  await bench.pause(true);
  const id = await bench.submit("lost");
  await waitFor(
    async () => (await redis.command("DEL", `{ilgam-scripted}:scripted:${id}-0`)) === 1,
    {
      what: "its entry to be deleted",
    },
  );
  await redis.command("ZREM", "{ilgam-scripted}:scripted:prioritized", `${id}-0`);
  await bench.pause(false);
  await database.query("UPDATE jobs SET check_at = now() WHERE id = $1", [id]);
  await waitFor(async () => isOver(await bench.look(id)), { what: "the lost job" });
  expect(bench.begun("lost")).toBe(1);
});

test("when all is done Redis holds nothing waiting, delayed or active", async () => {
  const empty = async () => {
    const depth = (await bench.dispatcher.depths()).get("scripted");
    return depth?.waiting === 0 && depth.delayed === 0 && depth.active === 0;
  };
  await waitFor(empty, { what: "Redis to be empty of work" });
});
