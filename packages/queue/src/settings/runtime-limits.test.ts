import type { QueueOverrides } from "@ilgam/contracts";
import { changeOverrides, ensureQueues, listWorkers, type QueueSettings } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, afterEach, expect, test } from "vitest";
import { gate, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
// A lease so long that no worker looks at the settings by itself while a test runs.
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url, leaseMs: 90_000 });
await ensureQueues(bench.db.sql, [{ name: "scripted" }]);
afterAll(() => bench.close());
afterEach(() => change({}, ["concurrency", "globalConcurrency", "rate"]));

async function store(
  set: QueueOverrides,
  reset: (keyof QueueOverrides)[] = [],
): Promise<QueueSettings> {
  const settings = await changeOverrides(bench.db.sql, "scripted", { set, reset });
  if (!settings) throw new Error("there is no queue");
  return settings;
}

/** As the API does it. */
async function change(set: QueueOverrides, reset?: (keyof QueueOverrides)[]): Promise<void> {
  await bench.dispatcher.applyChange(await store(set, reset));
}

/** A script whose jobs stay in progress until they are released. */
function holding(script: string) {
  const hold = gate();
  bench.on(script, () => hold.opened);
  const begun = (count: number) =>
    waitFor(() => bench.begun(script) === count, { what: `${count} of ${script} to begin` });
  return { begun, letGo: hold.open };
}

/** Counts how many run at once, and lets others begin meanwhile. */
async function counting(at: { running: number; most: number }): Promise<void> {
  at.running += 1;
  at.most = Math.max(at.most, at.running);
  await new Promise((resolve) => setImmediate(resolve));
  at.running -= 1;
}

const open = async () => {
  const rows = await database.query("SELECT 1 FROM jobs WHERE status IN ('queued', 'processing')");
  return rows.length;
};
const allEnded = () => waitFor(async () => (await open()) === 0, { what: "all to end" });
const shown = async () => (await listWorkers(bench.db.sql)).map((one) => one.concurrency.scripted);

test("a raised concurrency starts more at once, though what is in progress goes on", async () => {
  const { begun, letGo } = holding("raise");
  const workers = await bench.work({ sweep: false }, { concurrency: 1 });
  await bench.submitMany("raise", 3);
  await begun(1);
  await change({ concurrency: 3 });
  await begun(3);
  letGo();
  await allEnded();
  await workers.stop(1_000);
});

test("a raised global limit starts more at once in all workers", async () => {
  const { begun, letGo } = holding("global");
  await change({ globalConcurrency: 1 });
  const both = [await bench.work({ sweep: false }), await bench.work({ sweep: false })];
  await bench.submitMany("global", 6);
  await begun(1);
  await change({ globalConcurrency: 4 });
  await begun(4);
  await change({ globalConcurrency: null });
  await begun(6);
  letGo();
  await allEnded();
  await Promise.all(both.map((one) => one.stop(1_000)));
});

test("a rate that is loosened or lifted holds nobody up any longer", async () => {
  bench.on("rated", async () => 1);
  await change({ rate: { max: 1, durationMs: 3_600_000 } });
  const workers = await bench.work({ sweep: false });
  await bench.submitMany("rated", 3);
  await waitFor(async () => (await open()) === 2, { what: "the first to end" });
  await change({ rate: { max: 1, durationMs: 100 } });
  await allEnded();
  await change({ rate: { max: 1, durationMs: 3_600_000 } });
  await bench.submitMany("rated", 3);
  await waitFor(async () => (await open()) === 2, { what: "the first to end" });
  await change({ rate: null });
  await allEnded();
  await workers.stop(1_000);
});

test("a lowered concurrency lets what is in progress end and starts fewer", async () => {
  const at = { running: 0, most: 0 };
  const hold = gate();
  bench.on("first", () => hold.opened);
  bench.on("after", () => counting(at));
  const workers = await bench.work({ sweep: false, leaseMs: 3_000 }, { concurrency: 4 });
  await bench.submitMany("first", 4);
  await waitFor(() => bench.begun("first") === 4, { what: "four to begin" });
  await change({ concurrency: 1 });
  await waitFor(async () => (await shown())[0] === 1, { what: "the lowered number to be shown" });
  await bench.submitMany("after", 30);
  hold.open();
  await allEnded();
  expect(at.most).toBe(1);
  await workers.stop(1_000);
});

test("a change that nobody was told of comes to Redis by the sweeper, and so to the workers", async () => {
  const { begun, letGo } = holding("untold");
  await change({ globalConcurrency: 1 });
  const both = [await bench.work(), await bench.work({ sweep: false })];
  await bench.submitMany("untold", 5);
  await begun(1);
  await store({ globalConcurrency: 4 });
  await begun(4);
  letGo();
  await allEnded();
  await Promise.all(both.map((one) => one.stop(1_000)));
});

test("a change that not even the sweeper told of is seen at the next tick of the lease", async () => {
  const workers = await bench.work({ sweep: false, leaseMs: 3_000 });
  await store({ concurrency: 7 });
  await waitFor(async () => (await shown())[0] === 7, { what: "the new number to be shown" });
  await workers.stop(1_000);
});

test("a worker that starts later begins with what was set, and a wipe of Redis undoes nothing", async () => {
  const { begun, letGo } = holding("later");
  await change({ concurrency: 2, globalConcurrency: 3 });
  await redis.command("FLUSHDB");
  const both = [await bench.work(), await bench.work()];
  expect(await shown()).toEqual([2, 2]);
  await bench.submitMany("later", 6);
  await begun(3);
  await change({}, ["globalConcurrency"]);
  await begun(4);
  letGo();
  await allEnded();
  await Promise.all(both.map((one) => one.stop(1_000)));
});
