import { changeOverrides, ensureQueues, listWorkers } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
// The settings are read by Postgres' clock; this one can be set.
const [{ name } = { name: "" }] = await database.query<{ name: string }>(
  "SELECT current_database() AS name",
);
await database.query("CREATE SCHEMA clock");
await database.query("CREATE TABLE clock.hands (at timestamptz)");
await database.query("INSERT INTO clock.hands VALUES ('2026-03-02T12:00Z')");
await database.query(
  `CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql
   AS 'SELECT at FROM clock.hands'`,
);
await database.query(`ALTER DATABASE ${name} SET search_path = clock, pg_catalog, public`);

const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
await ensureQueues(bench.db.sql, [{ name: "scripted" }]);
afterAll(() => bench.close());

const setClock = (time: string) =>
  database.query("UPDATE clock.hands SET at = $1", [`2026-03-02T${time}Z`]);
const meta = (field: string) => redis.command("HGET", "{ilgam-scripted}:scripted:meta", field);
const limitIs = (limit: string) =>
  waitFor(async () => (await meta("concurrency")) === limit, { what: `a limit of ${limit}` });
const ownIs = (number: number) =>
  waitFor(async () => (await listWorkers(bench.db.sql))[0]?.concurrency.scripted === number, {
    what: `a concurrency of ${number}`,
  });

test("limits change with the hour, in Redis and in the worker, and nobody restarts", async () => {
  const night = { name: "night", from: "22:00", to: "06:00", timeZone: "UTC" };
  const set = { windows: [{ ...night, concurrency: 11, globalConcurrency: 50 }] };
  await changeOverrides(bench.db.sql, "scripted", { set, reset: [] });
  await bench.work({}, { concurrency: 3, globalConcurrency: 5 });
  await Promise.all([limitIs("5"), ownIs(3)]);
  await setClock("22:00");
  await Promise.all([limitIs("50"), ownIs(11)]);
  await setClock("06:00");
  await Promise.all([limitIs("5"), ownIs(3)]);
});

test("a window that pauses starts nothing until it closes, whatever a resume says", async () => {
  const ran = gate();
  bench.on("held", async () => ran.open());
  const noon = { name: "noon", from: "12:00", to: "13:00", timeZone: "UTC", paused: true as const };
  await changeOverrides(bench.db.sql, "scripted", { set: { windows: [noon] }, reset: [] });
  await setClock("12:30");
  await waitFor(async () => (await meta("paused")) !== null, { what: "the pause" });
  const id = await bench.submit("held");
  await waitFor(async () => (await bench.dispatcher.depths()).get("scripted")?.waiting === 1, {
    what: "it to stand in Redis",
  });
  await bench.pause(false);
  expect(await meta("paused")).not.toBeNull();
  expect((await bench.look(id)).status).toBe("queued");
  await setClock("13:00");
  await waitFor(async () => isOver(await bench.look(id)), { what: "it to run" });
});
