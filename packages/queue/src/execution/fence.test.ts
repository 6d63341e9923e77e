import { suspectFromCrashes } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url, leaseMs: 1_500 });
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

/** What a sweeper does to a worker that has been silent for too long. */
const declareDead = (workerId: string) =>
  database.query("UPDATE worker_leases SET dead_at = now() WHERE worker_id = $1", [workerId]);

test("a worker that is declared dead releases its job; another runs it; the late result is refused", async () => {
  const [first, second] = [gate(), gate()];
  const reasons: unknown[] = [];
  bench.on("fenced", async ({ job, signal }) => {
    if (job.epoch > 1) {
      await second.opened;
      return "newer";
    }
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    await first.opened;
    return "older";
  });
  const zombie = await bench.work({ sweep: false });
  const before = zombie.workerId();
  const id = await bench.submit("fenced");
  await waitFor(() => bench.begun("fenced") === 1, { what: "the first to begin" });
  await declareDead(before);
  await waitFor(() => reasons.length === 1, { what: "the dead worker to notice" });
  await bench.work();
  await waitFor(() => bench.begun("fenced") === 2, { what: "the successor to begin" });
  first.open();
  const isFenced = (event: (typeof bench.events)[number]) =>
    event.type === "delivery" &&
    event.delivery.type === "ended" &&
    event.delivery.settled.status === "fenced";
  await waitFor(() => bench.events.some(isFenced), { what: "the late settlement" });
  expect((await bench.look(id)).status).toBe("processing");
  second.open();
  expect(await end(id)).toMatchObject({
    ...{ status: "completed", output: "newer", epoch: 2, attempt: 1 },
    outcomes: ["lost", "completed"],
  });
  expect(reasons).toMatchObject([{ why: "lease_lost" }]);
});

test("a worker that lost its lease goes on under a new id", async () => {
  bench.on("after", async () => 1);
  const workers = await bench.work();
  const before = workers.workerId();
  await declareDead(before);
  await waitFor(() => workers.workerId() !== before, { what: "a new worker id" });
  const rows = await database.query(
    "SELECT dead_at IS NULL AS alive FROM worker_leases WHERE worker_id = ANY($1) ORDER BY started_at",
    [[before, workers.workerId()]],
  );
  expect(rows).toEqual([{ alive: false }, { alive: true }]);
  expect((await end(await bench.submit("after"))).status).toBe("completed");
});

test("a suspect of crashing runs with no other suspect in its process", async () => {
  let [running, most] = [0, 0];
  bench.on("suspect", async () => {
    running += 1;
    most = Math.max(most, running);
    // Long enough that suspects which may overlap do.
    await new Promise((resolve) => setTimeout(resolve, 60));
    running -= 1;
  });
  await bench.pause(true);
  const ids = await bench.submitMany("suspect", 6);
  const crashes = [suspectFromCrashes, ids];
  await database.query("UPDATE jobs SET crash_count = $1 WHERE id = ANY($2)", crashes);
  await bench.pause(false);
  for (const id of ids) expect((await end(id)).status).toBe("completed");
  // Three processes' worth of workers run here.
  expect(most).toBeLessThanOrEqual(3);
});
