import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createPool } from "@ilgam/db";
import { atFileEnd, startProcess, temporaryDirectory, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { type PostgresOptions, startPostgres } from "./postgres.ts";
import { isAlive } from "./process-identity.ts";

const starter = path.join(import.meta.dirname, "fixtures/hold-postgres.ts");

async function start(dataDir: string, options: Partial<PostgresOptions> = {}) {
  const postgres = await startPostgres({ dataDir, log: () => {}, ...options });
  atFileEnd("postgres", () => postgres.stop("immediate"));
  return postgres;
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const pool = createPool({ url, size: 1 });
  try {
    return await pool.query<Row>(text);
  } finally {
    await pool.close();
  }
}

test("a second start on the same data finds the rows of the first", async () => {
  const dataDir = path.join(await temporaryDirectory(), "postgres");
  const first = await start(dataDir);
  await query(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
  await first.stop();
  const second = await start(dataDir);
  expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("Postgres ends when its starter is killed with -9, and the data opens again", async () => {
  const dataDir = path.join(await temporaryDirectory(), "postgres");
  const parent = startProcess({ entry: starter, args: [dataDir] });
  const pid = Number((await parent.waitForLine(/^postgres \d+$/)).split(" ")[1]);
  await parent.kill("SIGKILL");
  const again = await start(dataDir);
  expect(await query(again.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await waitFor(() => !isAlive(pid), { what: "the first Postgres to end" });
});

test("a server that was killed with -9 recovers, sessions and all", async () => {
  const dataDir = path.join(await temporaryDirectory(), "postgres");
  const first = await start(dataDir);
  await query(first.url, "CREATE TABLE kept AS SELECT 7 AS n");
  first.kill("SIGKILL");
  await first.exited;
  expect(existsSync(path.join(dataDir, "postmaster.pid"))).toBe(true);
  const second = await start(dataDir);
  expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("a postmaster.pid whose number belongs to another program now is no obstacle", async () => {
  const dataDir = path.join(await temporaryDirectory(), "postgres");
  const first = await start(dataDir);
  const file = path.join(dataDir, "postmaster.pid");
  const [, ...rest] = (await readFile(file, "utf8")).split("\n");
  await first.stop();
  await writeFile(file, [process.pid, ...rest].join("\n"));
  const second = await start(dataDir);
  expect(await query(second.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("a first start that was cut off half-way is begun anew", async () => {
  const dataDir = path.join(await temporaryDirectory(), "postgres");
  await (await start(dataDir)).stop();
  await writeFile(path.join(dataDir, "PG_VERSION"), "");
  await rm(`${dataDir}.password`);
  const again = await start(dataDir);
  expect(await query(again.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("a taken port is an error with the server's own words", async () => {
  const first = await start(path.join(await temporaryDirectory(), "postgres"));
  const second = start(path.join(await temporaryDirectory(), "postgres"), { port: first.port });
  await expect(second).rejects.toThrow(/did not start[\s\S]*Address already in use/);
});
