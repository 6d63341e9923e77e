import { createDatabase, ensureQueues, enterWorker, newId, renewLease } from "@ilgam/db";
import { createTestDatabase } from "@ilgam/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createEstimate, unmeasuredSeconds } from "./estimate.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url });
afterAll(() => db.close());
beforeEach(async () => {
  await database.query("TRUNCATE jobs, job_results, job_inputs, worker_leases, queues");
});

const now = Math.floor(Date.now() / 1_000);

/** Jobs of the kind, as they stand in the tables. */
async function insert(count: number, job: Record<string, unknown> = {}): Promise<void> {
  const { status = "queued", priority = "normal", virtualStart = now, seconds = 0, output } = job;
  for (let n = 0; n < count; n += 1) {
    const id = newId();
    await database.query(
      `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, max_attempts,
         run_at, check_at, started_at, finished_at)
       VALUES ($1, 'public', 'ai-analysis', 'ai-analysis', $2, $3, $4, 4, now(), now(),
         now() - $5 * interval '1 s', now())`,
      [id, status, priority, virtualStart, seconds],
    );
    if (!output) continue;
    await database.query(
      "INSERT INTO job_results (job_id, run, epoch, output) VALUES ($1, 1, 1, $2)",
      [...[id, JSON.stringify(output)]],
    );
  }
}

const done = (type: string, complexity: string, seconds: number) =>
  insert(1, { status: "completed", seconds, output: { type, complexity } });

/** A fresh estimator: what it remembers is that of this call. */
const estimate = (more: Partial<Parameters<ReturnType<typeof createEstimate>>[0]> = {}) =>
  createEstimate(db.sql)({
    ...{ id: newId(), virtualStart: now + 1_000, type: "report", complexity: "complex" },
    ...more,
  });

async function worker(concurrency: number): Promise<void> {
  const workerId = newId();
  const about = { host: "h", pid: 1, version: "1", queues: ["ai-analysis"] };
  await enterWorker(db.sql, { workerId, ...about }, 60_000);
  const state = { inHand: 0, memoryBytes: 1, consuming: true, draining: false };
  await renewLease(db.sql, {
    ...{ workerId, leaseMs: 60_000, ...state },
    concurrency: { "ai-analysis": concurrency },
  });
}

test("before anything was measured it is what is presumed of its complexity", async () => {
  expect(await estimate()).toBe(unmeasuredSeconds.complex);
  expect(await estimate({ complexity: "simple" })).toBe(unmeasuredSeconds.simple);
});

test("it is the median of its type and complexity, else of its complexity", async () => {
  for (const seconds of [10, 30, 500]) await done("report", "complex", seconds);
  for (const seconds of [3, 4, 5]) await done("analysis", "simple", seconds);
  expect(await estimate()).toBe(30);
  expect(await estimate({ complexity: "simple" })).toBe(4);
  expect(await estimate({ type: "prediction", complexity: "simple" })).toBe(4);
});

test("the last 200 count, older ones do not", async () => {
  await insert(201, {
    status: "completed",
    seconds: 999,
    output: { type: "report", complexity: "complex" },
  });
  await insert(200, {
    status: "completed",
    seconds: 7,
    output: { type: "report", complexity: "complex" },
  });
  expect(await estimate()).toBe(7);
});

test("what stands before it is shared by what may run at once on all living workers", async () => {
  await done("report", "complex", 10);
  await worker(4);
  await worker(1);
  await insert(20);
  await insert(5, { status: "processing" });
  // 25 before it, five at once: five rounds of 10 s, and its own.
  expect(await estimate()).toBe(60);
  expect(await estimate({ virtualStart: now - 1 }), "ahead of those that wait").toBe(20);
  await ensureQueues(db.sql, [{ name: "ai-analysis", globalConcurrency: 1 }]);
  expect(await estimate(), "one at once by the queue's limit").toBe(260);
});

test("dead workers run nothing", async () => {
  await done("report", "complex", 10);
  await worker(100);
  await worker(2);
  await database.query(
    "UPDATE worker_leases SET dead_at = now() WHERE (concurrency->>'ai-analysis')::int = 100",
  );
  await insert(4);
  expect(await estimate()).toBe(30);
});

test("the start time is added, and an estimate is at least a second", async () => {
  await done("report", "complex", 0.01);
  expect(await estimate()).toBe(1);
  const runAt = new Date(Date.now() + 600_000).toISOString();
  expect(await estimate({ runAt })).toBeGreaterThan(590);
});

test("the history is read by its own index, however many jobs of other kinds there are", async () => {
  const rows = await database.query<Record<string, string>>(
    `EXPLAIN SELECT id FROM jobs WHERE kind = 'ai-analysis' AND status = 'completed'
     ORDER BY finished_at DESC LIMIT 200`,
  );
  expect(JSON.stringify(rows)).toContain("jobs_ai_analysis_completed");
});
