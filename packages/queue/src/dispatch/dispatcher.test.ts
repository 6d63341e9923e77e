import { ensureQueues } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
const epoch = Math.floor(Date.now() / 1_000) - 86_400;
beforeAll(() => ensureQueues(bench.db.sql, [{ name: "scripted" }]));
beforeEach(() => redis.command("FLUSHDB"));
afterAll(() => bench.close());

const key = (part: string) => `{ilgam-scripted}:scripted:${part}`;
const depth = async () => (await bench.dispatcher.depths()).get("scripted");
const job = (overrides = {}) => ({
  ...{ id: "01a1fd9c-0000-7000-8000-000000000001", queue: "scripted", dispatch: 0, delayMs: 0 },
  ...{ priority: "normal" as const, virtualStart: epoch + 90_000 },
  ...overrides,
});

test("a submitted job stands in Redis as its id only, with one attempt and a priority", async () => {
  const id = await bench.submit("ok", { value: "secret" });
  await waitFor(async () => (await depth())?.waiting === 1, { what: "it to stand in Redis" });
  const [data, opts] = (await redis.command("HMGET", key(`${id}-0`), "data", "opts")) as string[];
  expect(JSON.parse(data ?? "")).toEqual({ id });
  expect(JSON.parse(opts ?? "")).toMatchObject({ attempts: 1 });
  const priority = Number(await redis.command("HGET", key(`${id}-0`), "priority"));
  expect(priority).toBeGreaterThan(80_000);
  expect(priority).toBeLessThan(100_000);
});

test("announcing the same generation again changes nothing, a new one stands beside it", async () => {
  await bench.dispatcher.add([job()]);
  await bench.dispatcher.add([job()]);
  expect(await depth()).toMatchObject({ waiting: 1 });
  await bench.dispatcher.add([job({ dispatch: 1 })]);
  expect(await depth()).toMatchObject({ waiting: 2 });
});

test("lower places come first, whatever the order of their adds", async () => {
  const starts = [300, 100, 200].map((place) => epoch + place);
  await bench.dispatcher.add(
    starts.map((virtualStart, dispatch) => job({ virtualStart, dispatch })),
  );
  expect(await redis.command("ZRANGE", key("prioritized"), "0", "-1")).toEqual(
    [1, 2, 0].map((dispatch) => `${job().id}-${dispatch}`),
  );
  expect(Math.floor((await depth())?.lastPriority ?? 0)).toBeGreaterThan(200);
});

test("a job of soon is mirrored with its delay, one of more than a minute is not", async () => {
  await bench.dispatcher.add([job({ delayMs: 30_000 }), job({ dispatch: 1, delayMs: 60_001 })]);
  expect(await depth()).toMatchObject({ waiting: 0, delayed: 1 });
});

test("a job of a queue that this process does not know is left to others", async () => {
  await bench.dispatcher.add([job({ queue: "elsewhere" }), job()]);
  expect(await depth()).toMatchObject({ waiting: 1 });
});

/** Fills the window past the product: places from 50,001 on. */
const fill = (count: number) =>
  redis.command(
    "EVAL",
    `redis.call('DEL', KEYS[1])
     for n = 1, ${count} do redis.call('ZADD', KEYS[1], (50000 + n) * 4294967296, n) end`,
    ...["1", key("prioritized")],
  );
const parks = (place: number) => bench.dispatcher.shouldPark("scripted", epoch + place);

test("a full window parks what would stand behind all in it, and nothing that goes before", async () => {
  await fill(10_000);
  await waitFor(() => parks(60_002), { what: "the window to be read" });
  expect(parks(10_000)).toBe(false);
  expect(bench.dispatcher.shouldPark("elsewhere", epoch + 60_002)).toBe(false);
  await fill(20_000);
  await waitFor(() => parks(10_000), { what: "twice the window to be too much for anybody" });
});

test("once full, a window parks until a feed is due, so that newcomers pass no parked job", async () => {
  await fill(10_000);
  await waitFor(() => parks(60_002) && !parks(59_500), { what: "the window to be full" });
  await fill(9_000);
  await waitFor(() => parks(59_500), { what: "it to park still, behind a new last one" });
  await fill(7_000);
  await waitFor(() => !parks(90_000), { what: "room for a feed" });
  await fill(9_000);
  await bench.dispatcher.depths();
  expect(parks(90_000)).toBe(false);
});
