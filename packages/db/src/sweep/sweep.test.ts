import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  claim,
  claimed,
  escapesFromTheEnd,
  isOld,
  settle,
  stateOf,
  submitted,
} from "../fixtures/jobs.ts";
import { cancelJobs, createPool, newId, sweepOnce } from "../index.ts";
import { enterWorker } from "./leases.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(async () => {
  expect(await escapesFromTheEnd(pool)).toEqual([]);
  await pool.close();
});

const options = { sweeperId: newId(), leaseMs: 1_000, takeOverMs: 500 };
/** As if the sweeper had never paused. */
const sweep = async () => {
  await database.query(
    "UPDATE sweeper_state SET holder = $1, last_sweep_at = now(), grace_until = now()",
    [options.sweeperId],
  );
  return pool.transaction((tx) => sweepOnce(tx, options));
};
const expireLeases = () =>
  database.query("UPDATE worker_leases SET lease_until = now() - interval '1 s'");

// A sweep right after the start of Postgres would spare all leases.
beforeAll(() => waitFor(() => isOld(pool, options.leaseMs), { what: "Postgres to be old enough" }));

beforeEach(async () => {
  await database.query("DELETE FROM jobs");
  await database.query("DELETE FROM worker_leases");
});

async function enter(): Promise<string> {
  const workerId = newId();
  await enterWorker(pool, { workerId, host: "h", pid: 1, version: "1", queues: [] }, 60_000);
  return workerId;
}

/** A job in the hands of a worker whose lease has run out. */
async function orphan(overrides = {}) {
  const job = await claim(pool, await submitted(pool, overrides), await enter());
  await expireLeases();
  return job;
}

test("a dead worker's job is queued again with its attempt given back, due and to be looked at", async () => {
  const job = await orphan();
  const { dead, lost } = await sweep();
  expect(dead).toMatchObject([{ host: "h", pid: 1 }]);
  expect(lost).toMatchObject([{ id: job.id, status: "queued", kind: "probe", run: 1, attempt: 1 }]);
  const state = await stateOf(pool, job.id);
  expect(state).toMatchObject({ status: "queued", attempt: 0, crash_count: 1, dispatch: 1 });
  expect(state).toMatchObject({ worker_id: null, wait_reason: "lost" });
  expect(state.check_in).toBeLessThanOrEqual(0);
  const attempts = await database.query(
    "SELECT epoch, outcome FROM job_attempts WHERE job_id = $1",
    [job.id],
  );
  expect(attempts).toEqual([{ epoch: 1, outcome: "lost" }]);
});

test("the dead worker's late result is fenced, and its lost attempt is no settlement of its own", async () => {
  const job = await orphan();
  await sweep();
  const result = { type: "completed", output: "late" } as const;
  expect(await settle(pool, job, result)).toEqual({ status: "fenced" });
  await claim(pool, job.id);
  expect(await settle(pool, job, result)).toEqual({ status: "fenced" });
});

test("a living worker keeps its jobs", async () => {
  const job = await claim(pool, await submitted(pool), await enter());
  expect(await sweep()).toEqual({ held: true, dead: [], lost: [], expired: [] });
  expect((await stateOf(pool, job.id)).status).toBe("processing");
});

test("a job of a worker that nobody knows is lost too", async () => {
  const job = await claimed(pool);
  expect((await sweep()).lost).toMatchObject([{ id: job.id, status: "queued" }]);
});

test("the third crash makes a job poison, with one webhook; the second does not", async () => {
  const { id } = await orphan({ callbackUrl: "https://x.y/z" });
  await sweep();
  for (const status of ["queued", "failed"]) {
    await claim(pool, id, await enter());
    await expireLeases();
    expect((await sweep()).lost).toMatchObject([{ id, status }]);
  }
  expect(await stateOf(pool, id)).toMatchObject({ crash_count: 3, error: { code: "poison" } });
  const webhooks = await database.query("SELECT event FROM webhook_deliveries");
  expect(webhooks).toEqual([{ event: "job.failed" }]);
});

test("of two suspects in the hands of one dead worker none is blamed", async () => {
  const [worker, guilty, innocent] = [await enter(), await submitted(pool), await submitted(pool)];
  for (const id of [guilty, innocent]) await claim(pool, id, worker);
  const both = [guilty, innocent];
  await database.query("UPDATE jobs SET crash_count = 2 WHERE id = ANY($1)", [both]);
  await expireLeases();
  expect(new Set((await sweep()).lost.map(({ status }) => status))).toEqual(new Set(["queued"]));
  for (const id of both) expect(await stateOf(pool, id)).toMatchObject({ crash_count: 2 });
});

test("a lost job whose cancellation was asked for is cancelled, not run again", async () => {
  const job = await orphan();
  await cancelJobs(pool, "tenant", [job.id]);
  expect((await sweep()).lost).toMatchObject([{ id: job.id, status: "cancelled" }]);
  expect(await stateOf(pool, job.id)).toMatchObject({
    error: { code: "cancelled" },
    finished: true,
  });
});

test("a queued job that had to start by now fails as expired; a running one is left alone", async () => {
  const id = await submitted(pool, { expiresInMs: 60_000 });
  const running = await submitted(pool, { expiresInMs: 60_000 });
  await claim(pool, running, await enter());
  const later = await submitted(pool, { expiresInMs: 60_000 });
  await database.query("UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = ANY($1)", [
    [id, running],
  ]);
  const place = { kind: "probe", queue: "probe", run: 1, attempt: 0, traceContext: null };
  expect((await sweep()).expired).toEqual([{ id, status: "failed", ...place }]);
  expect(await stateOf(pool, id)).toMatchObject({ status: "failed", error: { code: "expired" } });
  expect((await stateOf(pool, running)).status).toBe("processing");
  expect((await stateOf(pool, later)).status).toBe("queued");
});
