import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
afterAll(() => bench.close());

const begun = (script: string) =>
  waitFor(() => bench.begun(script) > 0, { what: `${script} to begin` });

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

test("what is not done when the grace ends is given back with no attempt used, and run elsewhere", async () => {
  const reasons: unknown[] = [];
  bench.on("long", async ({ job, signal }) => {
    if (job.epoch > 1) return "elsewhere";
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push(signal.reason);
    return signal.throwIfAborted();
  });
  const workers = await bench.work({ sweep: false });
  const id = await bench.submit("long", { maxAttempts: 1 });
  await begun("long");
  await workers.stop(150);
  expect(reasons).toMatchObject([{ why: "drain" }]);
  expect(await bench.look(id)).toMatchObject({ status: "queued", attempt: 0, crash_count: 0 });
  // Without a sweeper: what is given back stands in Redis, and not in the leaving worker's hands.
  const elsewhere = await bench.work({ sweep: false });
  expect(await end(id)).toMatchObject({
    ...{ status: "completed", output: "elsewhere", attempt: 1, crash_count: 0 },
    outcomes: ["release", "completed"],
  });
  await elsewhere.stop(1_000);
});

test("a processor that ignores the drain costs its job no suspicion of crashing", async () => {
  const hang = gate();
  bench.on("deaf", ({ job }) => (job.epoch > 1 ? Promise.resolve("elsewhere") : hang.opened));
  let recycled = 0;
  const workers = await bench.work({
    onRecycle: () => {
      recycled += 1;
    },
  });
  const id = await bench.submit("deaf");
  await begun("deaf");
  await workers.stop(150);
  expect(await bench.look(id)).toMatchObject({ status: "queued", attempt: 0, crash_count: 0 });
  await bench.work({ sweep: false });
  expect(await end(id)).toMatchObject({ status: "completed", output: "elsewhere" });
  expect(recycled).toBe(0);
  hang.open();
});
