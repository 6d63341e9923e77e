import { ensureQueues, setPaused } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
const limiter = { max: 1_000, durationMs: 1_000 };
beforeAll(async () => void (await bench.work({}, { globalConcurrency: 7, limiter })));
afterAll(() => bench.close());

const meta = (field: string) => redis.command("HGET", "{ilgam-scripted}:scripted:meta", field);
const isPaused = async () => (await meta("paused")) !== null;

test("a kind's limits are brought to Redis by the first worker", async () => {
  await waitFor(async () => (await meta("concurrency")) === "7", { what: "global concurrency" });
  await waitFor(async () => (await meta("max")) === "1000", { what: "the rate" });
});

test("a paused queue accepts and starts nothing; resumed, it goes on", async () => {
  bench.on("waits", async () => 1);
  await bench.pause(true);
  const id = await bench.submit("waits");
  await waitFor(async () => (await bench.dispatcher.depths()).get("scripted")?.waiting === 1, {
    what: "it to stand in Redis",
  });
  expect((await bench.look(id)).status).toBe("queued");
  await bench.pause(false);
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to run" });
});

test("a wipe of Redis lifts no pause and no limit", async () => {
  bench.on("held", async () => 1);
  await bench.pause(true);
  await redis.command("FLUSHDB");
  await waitFor(isPaused, { what: "the pause to be applied again" });
  await waitFor(async () => (await meta("concurrency")) === "7", { what: "the limit again" });
  const id = await bench.submit("held");
  await waitFor(async () => (await bench.dispatcher.depths()).get("scripted")?.waiting === 1, {
    what: "it to stand in Redis",
  });
  expect((await bench.look(id)).status).toBe("queued");
  await bench.pause(false);
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to run" });
});

test("a pause that Redis did not hear is applied by the sweeper", async () => {
  await setPaused(bench.db.sql, "scripted", true);
  await waitFor(isPaused, { what: "the pause in Redis" });
  await setPaused(bench.db.sql, "scripted", false);
  await waitFor(async () => !(await isPaused()), { what: "the pause to be lifted" });
});

test("limits that change at a restart are brought to a Redis that was not wiped", async () => {
  await ensureQueues(bench.db.sql, [{ name: "scripted", globalConcurrency: 3 }]);
  await waitFor(async () => (await meta("concurrency")) === "3", { what: "the new limit" });
  await waitFor(async () => (await meta("max")) === null, { what: "the rate to be lifted" });
});
