import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createPool } from "@ilgam/db";
import { redisCommands } from "@ilgam/local-services";
import { expect, test } from "vitest";
import { createFileEnd } from "./file-end.ts";
import {
  createTestDatabase,
  createTestRedis,
  startOwnPostgres,
  startOwnRedis,
  startProcess,
  temporaryDirectory,
} from "./index.ts";

const database = await createTestDatabase();
const redis = await createTestRedis();

const insertJob = `INSERT INTO jobs (id, tenant_id, kind, queue, priority, virtual_start,
  max_attempts, run_at, check_at)
  VALUES ($1, 'public', 'x', 'x', 'normal', 1, 3, now(), now())`;
const jobId = "00000000-0000-7000-8000-000000000001";

test("a test database is migrated and empty, and keeps the history of every job", async () => {
  await database.query(insertJob, [jobId]);
  await database.query("UPDATE jobs SET status = 'processing', epoch = 1 WHERE id = $1", [jobId]);
  await database.query("UPDATE jobs SET progress = 0.5 WHERE id = $1", [jobId]);
  const history = await database.query(
    "SELECT old_status, new_status, run, epoch FROM job_history ORDER BY seq",
  );
  expect(history).toEqual([
    { old_status: null, new_status: "queued", run: 1, epoch: 0 },
    { old_status: "queued", new_status: "processing", run: 1, epoch: 1 },
  ]);
});

test("two test Redis databases do not see each other's keys", async () => {
  const other = await createTestRedis();
  await redis.command("SET", "key", "mine");
  expect(await other.command("GET", "key")).toBeNull();
  expect(await redis.command("GET", "key")).toBe("mine");
});

test("a Postgres of one's own comes back with its rows after kill -9", async () => {
  const postgres = await startOwnPostgres();
  const own = createPool({ url: postgres.url, size: 1 });
  await own.query(insertJob, [jobId]);
  const before = postgres.pid();
  await postgres.kill();
  expect(postgres.running()).toBe(false);
  await postgres.start();
  expect(postgres.pid()).not.toBe(before);
  expect(await own.query("SELECT id FROM jobs")).toEqual([{ id: jobId }]);
  await own.close();
});

test("a Redis of one's own comes back with its keys on the same port", async () => {
  const own = await startOwnRedis({ appendfsync: "always" });
  await redisCommands(own.url, [["SET", "key", "kept"]]);
  await own.kill();
  await own.start();
  // It answers before it has read its file.
  const read = () =>
    redisCommands(own.url, [["GET", "key"]]).catch((error: Error) => error.message);
  await expect.poll(read).toEqual(["kept"]);
});

test("a started process is followed by its lines, frozen, thawed and killed", async () => {
  const file = path.join(await temporaryDirectory(), "tick.mjs");
  await writeFile(file, `let n = 0; setInterval(() => console.log("tick " + ++n), 5);`);
  const ticking = startProcess({ name: "tick", entry: file });
  await ticking.waitForLine(/tick 3$/);
  ticking.freeze();
  ticking.thaw();
  const seen = ticking.lines.length;
  await ticking.waitForLine(new RegExp(`tick ${seen + 5}$`));
  expect(await ticking.kill("SIGTERM")).toEqual({ code: null, signal: "SIGTERM" });
  await expect(ticking.waitForLine(/never/)).rejects.toThrow(/tick ended[\s\S]*tick 3/);
});

test("what a file leaves open fails it, and everything else is still undone", async () => {
  const { atFileEnd, undoAll } = createFileEnd();
  const undone: string[] = [];
  atFileEnd("first", async () => void undone.push("first"));
  atFileEnd("second", () => Promise.reject(new Error("2 connections were left open")));
  atFileEnd("third", async () => void undone.push("third"));
  await expect(undoAll()).rejects.toThrow("second: 2 connections were left open");
  expect(undone).toEqual(["third", "first"]);
});
