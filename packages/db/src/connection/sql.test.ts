import { startOwnPostgres } from "@ilgam/testing";
import { expect, test } from "vitest";
import {
  createPool,
  isBadRow,
  isTransient,
  isUnavailable,
  Overloaded,
  Unavailable,
} from "../index.ts";

const coded = (code: string) => Object.assign(new Error("from Postgres"), { code });

const outages: [string, unknown][] = [
  ["shut down by an administrator", coded("57P01")],
  ["a crash", coded("57P02")],
  ["starting up", coded("57P03")],
  ["too many connections", coded("53300")],
  ["a full disk", coded("53100")],
  ["read-only", coded("25006")],
  ["a broken connection", coded("08006")],
  ["refused", coded("ECONNREFUSED")],
  ["no route", coded("ENETUNREACH")],
  ["reset on every address", new AggregateError([coded("ECONNRESET")])],
  ["cut off by the driver", new Error("Connection terminated unexpectedly")],
  ["no free connection", new Error("timeout exceeded when trying to connect")],
  ["translated before", new Unavailable(new Error("x"))],
];

test.each(outages)("Postgres being away is recognised: %s", (_, error) => {
  expect(isUnavailable(error)).toBe(true);
  expect(isBadRow(error)).toBe(false);
});

const own: [string, unknown][] = [
  ["a wrong statement", coded("42601")],
  ["a broken constraint", coded("23505")],
  ["a wrong password", coded("28P01")],
  ["a deadlock", coded("40P01")],
  ["a full queue of our own", new Overloaded()],
  ["somebody else's time-out", new Error("the upstream's answer hit a timeout")],
  ["no error at all", "timeout"],
];

test.each(own)("%s is not taken for an outage", (_, error) => {
  expect(isUnavailable(error)).toBe(false);
});

test("the row is to blame for wrong data, a broken constraint and what is too large or deep", () => {
  const codes = ["22P02", "22P05", "23505", "23514", "54000", "54001"];
  for (const code of codes) expect(isBadRow(coded(code)), code).toBe(true);
  expect(isBadRow(new RangeError("Maximum call stack size exceeded"))).toBe(true);
  expect(isBadRow(coded("42P01"))).toBe(false);
  expect(isBadRow(new Error("22P02"))).toBe(false);
});

test("deadlocks and serialisation failures may simply be run again", () => {
  expect([coded("40P01"), coded("40001")].map(isTransient)).toEqual([true, true]);
  expect(isTransient(coded("23505"))).toBe(false);
});

test("a real Postgres that is stopped and started again is Unavailable in between", async () => {
  const postgres = await startOwnPostgres();
  const pool = createPool({ url: postgres.url, size: 2 });
  expect(await pool.query("SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await postgres.stop("immediate");
  await expect(pool.query("SELECT 1")).rejects.toThrow(Unavailable);
  await expect(pool.transaction(async () => 1)).rejects.toThrow(Unavailable);
  await postgres.start();
  expect(await pool.query("SELECT 2 AS n")).toEqual([{ n: 2 }]);
  await pool.query("ALTER SYSTEM SET default_transaction_read_only = on");
  await pool.query("SELECT pg_reload_conf()");
  await pool.close();
  const readOnly = createPool({ url: postgres.url, size: 1 });
  const write = readOnly.query("CREATE TABLE x (n int)");
  await expect(write).rejects.toThrow(Unavailable);
  await readOnly.close();
});
