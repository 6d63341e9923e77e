import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { createPool, isUnavailable, Unavailable } from "../index.ts";

const database = await createTestDatabase();
const idleErrors: Error[] = [];
const pool = createPool({
  ...{ url: database.url, size: 2, applicationName: "victim", connectTimeoutMs: 300 },
  onIdleError: (error) => idleErrors.push(error),
});
afterAll(() => pool.close());

const terminate = () =>
  database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'victim' AND datname = current_database()`,
  );

test("what a transaction wrote is there after it and gone when it throws", async () => {
  await pool.query("CREATE TABLE notes (n int PRIMARY KEY)");
  expect(
    await pool.transaction((tx) => tx.query("INSERT INTO notes VALUES (1) RETURNING n")),
  ).toEqual([{ n: 1 }]);
  const failing = pool.transaction(async (tx) => {
    await tx.query("INSERT INTO notes VALUES (2)");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await pool.query("SELECT n FROM notes")).toEqual([{ n: 1 }]);
});

test("a connection that dies while a transaction thinks is an error of that transaction only", async () => {
  const thinking = pool.transaction(async (tx) => {
    await tx.query("SELECT 1");
    await terminate();
    const [gone] = await waitFor(
      () =>
        database
          .query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'victim'")
          .then((rows) => (rows.length === 0 ? [true] : undefined)),
      { what: "the backend to end" },
    );
    expect(gone).toBe(true);
    await tx.query("SELECT 2");
  });
  await expect(thinking).rejects.toThrow(Unavailable);
  expect(await pool.query("SELECT 3 AS n")).toEqual([{ n: 3 }]);
});

test("a statement whose connection is cut is Unavailable, and the next one works", async () => {
  const slow = pool.query("SELECT pg_sleep(60)");
  const running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
  await waitFor(async () => (await database.query(running)).length > 0, { what: "it to run" });
  await Promise.all([terminate(), expect(slow).rejects.toThrow(Unavailable)]);
  expect(await pool.query("SELECT 4 AS n")).toEqual([{ n: 4 }]);
});

test("an idle connection that dies is told to the listener and replaced", async () => {
  await pool.query("SELECT 1");
  const before = idleErrors.length;
  await terminate();
  await waitFor(() => idleErrors.length > before, { what: "the pool to notice" });
  expect(await pool.query("SELECT 5 AS n")).toEqual([{ n: 5 }]);
});

test("a pool with no connection left answers Unavailable instead of waiting on", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holders = [1, 2].map(() => pool.transaction(() => held));
  await expect(pool.query("SELECT 1")).rejects.toThrow(Unavailable);
  await expect(pool.transaction(async () => 1)).rejects.toThrow(Unavailable);
  release();
  await Promise.all(holders);
  expect(await pool.query("SELECT 6 AS n")).toEqual([{ n: 6 }]);
});

test("a wrong statement is no outage", async () => {
  const wrong = await pool.query("SELECT * FROM nowhere").catch((error: unknown) => error);
  expect(isUnavailable(wrong)).toBe(false);
  expect(wrong).toMatchObject({ code: "42P01" });
});

test("a transaction that went on after a failed statement does not claim to be committed", async () => {
  const going = pool.transaction(async (tx) => {
    await tx.query("SELECT 1 / 0").catch(() => "ignored");
    return "done";
  });
  await expect(going).rejects.toThrow("rolled back");
});

test("connections that are opened ahead are there before anybody asks, and stay", async () => {
  const ready = createPool({ url: database.url, size: 3, keepOpen: true });
  await ready.openAll();
  expect(ready.usage()).toMatchObject({ size: 3, used: 0, idle: 3, waiting: 0 });
  expect(ready.native.options.idleTimeoutMillis, "0: never closed for being idle").toBe(0);
  await ready.close();
});
