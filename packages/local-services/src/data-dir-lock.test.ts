import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { startProcess, temporaryDirectory } from "@ilgam/testing";
import { expect, test } from "vitest";
import { DataDirInUse, lockDataDir } from "./data-dir-lock.ts";
import { startMark } from "./process-identity.ts";

const holder = path.join(import.meta.dirname, "fixtures/hold-lock.ts");

test("a second start on the same data directory is told who has it", async () => {
  const dataDir = await temporaryDirectory();
  const other = startProcess({ entry: holder, args: [dataDir] });
  await other.waitForLine(/locked/);
  expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse);
  expect(() => lockDataDir(dataDir)).toThrow(`in use by process ${other.pid}`);
});

test("the lock of a process that was killed with -9 is taken over", async () => {
  const dataDir = await temporaryDirectory();
  const other = startProcess({ entry: holder, args: [dataDir] });
  await other.waitForLine(/locked/);
  await other.kill("SIGKILL");
  lockDataDir(dataDir).release();
  expect(existsSync(path.join(dataDir, "lock"))).toBe(false);
});

test("a process that has the dead holder's id by chance does not hold the lock", async () => {
  const dataDir = await temporaryDirectory();
  const stale = { pid: process.pid, startMark: `not ${startMark(process.pid)}` };
  await writeFile(path.join(dataDir, "lock"), JSON.stringify(stale));
  lockDataDir(dataDir).release();
});

test("a lock file that a crash cut short is taken over", async () => {
  const dataDir = await temporaryDirectory();
  await writeFile(path.join(dataDir, "lock"), '{"pid":');
  lockDataDir(dataDir).release();
});

test("of ten that start at once exactly one gets the data directory", async () => {
  const dataDir = await temporaryDirectory();
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  await writeFile(path.join(dataDir, "lock"), JSON.stringify({ pid: gone, startMark: "1" }));
  const starts = Array.from({ length: 10 }, () => startProcess({ entry: holder, args: [dataDir] }));
  await Promise.all(starts.map((start) => start.waitForLine(/locked|in use|too fast/)));
  const winners = starts.filter((start) => start.lines.includes("locked"));
  expect(winners).toHaveLength(1);
});
