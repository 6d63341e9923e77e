import { cancelJobs } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
let recycled = 0;
beforeAll(async () => {
  const onRecycle = () => {
    recycled += 1;
  };
  await bench.work({ onRecycle, abortGraceMs: 50 }, { timeoutMs: 1_500 });
});
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

/** Runs until its signal aborts, then ends as the signal says; resolves when it has begun. */
function patient(script: string) {
  const begun = gate();
  const reasons: unknown[] = [];
  bench.on(script, async ({ signal }) => {
    begun.open();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push(signal.reason);
    signal.throwIfAborted();
  });
  return { begun: begun.opened, reasons };
}

async function cancel(id: string): Promise<void> {
  const [outcome] = await cancelJobs(bench.db.sql, "tenant", [id]);
  expect(outcome).toMatchObject({ accepted: true });
}

test("a running job that is cancelled stops at once and leaves no result", async () => {
  const { begun, reasons } = patient("stops");
  const id = await bench.submit("stops");
  await begun;
  await cancel(id);
  bench.dispatcher.requestCancel([id]);
  expect(await end(id)).toMatchObject({
    status: "cancelled",
    output: null,
    outcomes: ["cancelled"],
  });
  expect(reasons).toMatchObject([{ why: "cancelled" }]);
});

test("a cancel whose announcement is lost is found by the lease's next tick", async () => {
  const { begun } = patient("missed");
  const id = await bench.submit("missed");
  await begun;
  await cancel(id);
  expect((await end(id)).status).toBe("cancelled");
});

test("a cancelled job whose processor finishes all the same leaves no result", async () => {
  const [begun, finish] = [gate(), gate()];
  bench.on("finishes", async () => {
    begun.open();
    await finish.opened;
    return "too late";
  });
  const id = await bench.submit("finishes");
  await begun.opened;
  await cancel(id);
  finish.open();
  expect(await end(id)).toMatchObject({ status: "cancelled", output: null });
});

test("an announced cancel that nobody asked for does no harm", async () => {
  let begun = 0;
  bench.on("unharmed", async ({ signal }) => {
    begun += 1;
    if (begun > 1) return "done";
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return signal.throwIfAborted();
  });
  const id = await bench.submit("unharmed", { maxAttempts: 1 });
  await waitFor(() => begun === 1, { what: "the first start" });
  bench.dispatcher.requestCancel([id]);
  expect(await end(id)).toMatchObject({ status: "completed", output: "done", attempt: 1 });
});

test("an attempt that runs too long is aborted and retried", async () => {
  const { reasons } = patient("slow");
  const id = await bench.submit("slow", { maxAttempts: 2 });
  expect(await end(id)).toMatchObject({
    ...{ status: "failed", error: { code: "timeout" }, outcomes: ["retry", "retry"] },
  });
  expect(reasons).toMatchObject([{ why: "timeout" }, { why: "timeout" }]);
});

test("a processor that ignores its signal is abandoned and the process asks to be replaced", async () => {
  const hang = gate();
  bench.on("deaf", () => hang.opened);
  const before = recycled;
  const id = await bench.submit("deaf", { maxAttempts: 1 });
  expect(await end(id)).toMatchObject({ status: "failed", error: { code: "timeout" } });
  expect(recycled).toBeGreaterThan(before);
  hang.open();
});

test("what an abandoned processor still says is refused", async () => {
  const [hang, said] = [gate(), gate()];
  let late: unknown;
  bench.on("mumbles", async ({ progress, log, step }) => {
    await hang.opened;
    progress(99, "late");
    await log("late");
    late = await step("late", async () => 1).catch((error: unknown) => error);
    said.open();
    return "late";
  });
  const id = await bench.submit("mumbles", { maxAttempts: 1 });
  const ended = await end(id);
  hang.open();
  await said.opened;
  expect(late).toMatchObject({ name: "Aborted" });
  expect(await bench.look(id)).toEqual(ended);
  const traces = await database.query(
    `SELECT 1 FROM job_events WHERE job_id = $1 AND type <> 'state'
     UNION ALL SELECT 1 FROM job_steps WHERE job_id = $1`,
    [id],
  );
  expect(traces).toEqual([]);
});
