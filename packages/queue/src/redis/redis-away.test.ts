import { createTestDatabase, startOwnRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { isOver, openBench } from "../fixtures/scripted-jobs.ts";
import { connectRedis } from "./redis.ts";

const [database, redis] = [await createTestDatabase(), await startOwnRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

const failures = () => bench.events.filter((one) => one.type === "announce_failed").length;

async function isDueForACheck(id: string): Promise<boolean> {
  const [row] = await database.query<{ due: boolean }>(
    "SELECT check_at <= now() AS due FROM jobs WHERE id = $1",
    [id],
  );
  return row?.due ?? false;
}

test("with Redis down a job is accepted, and due for the sweeper at once", async () => {
  await redis.stop();
  const id = await bench.submit("ok");
  await waitFor(() => isDueForACheck(id), { what: "its check to be due", timeoutMs: 3_000 });
  expect(failures()).toBe(1);
  await expect(bench.dispatcher.depths()).rejects.toThrow();
  await expect(bench.dispatcher.ping()).rejects.toThrow();
});

test("when Redis is back, what was accepted without it is run", async () => {
  bench.on("ok", async () => 1);
  const ids = await bench.submitMany("ok", 20);
  await redis.start();
  await bench.work();
  for (const id of ids) {
    await waitFor(async () => isOver(await bench.look(id)), { what: "a job of the outage" });
  }
  expect(bench.begun("ok")).toBe(21);
});

test("a Redis that hangs holds up no submission; the job is due for the sweeper", async () => {
  await waitFor(() => bench.dispatcher.ping().then(() => true), { what: "Redis" });
  bench.on("hung", async () => 1);
  redis.freeze();
  const id = await bench.submit("hung");
  const before = failures();
  await waitFor(() => failures() > before, { what: "the announcement to fail", timeoutMs: 3_000 });
  redis.thaw();
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to be run" });
});

test("a Redis that is out of memory loses nothing: the job is due for the sweeper", async () => {
  const admin = connectRedis({ mode: "single", url: redis.url }, "subscriber");
  await waitFor(() => bench.dispatcher.ping().then(() => true), { what: "Redis" });
  await admin.config("SET", "maxmemory", "1");
  bench.on("full", async () => 1);
  const before = failures();
  const id = await bench.submit("full");
  await waitFor(() => failures() > before, { what: "the announcement to fail", timeoutMs: 3_000 });
  await admin.config("SET", "maxmemory", "0");
  admin.disconnect();
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to be run" });
});

test("workers outlive a restart of Redis and take up their work again", async () => {
  bench.on("after", async () => 1);
  await redis.restart();
  const id = await bench.submit("after");
  await waitFor(async () => isOver(await bench.look(id)), { what: "a job after the restart" });
});
