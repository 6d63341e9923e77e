import { GiveUp, RetryableError, TryLater } from "@ilgam/contracts";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";
import { currentJob } from "../index.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
beforeAll(async () => void (await bench.work()));
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

test("a job is run once and its result stands in Postgres", async () => {
  bench.on("echo", async ({ payload }) => ({ echo: payload.value }));
  const ended = await end(await bench.submit("echo", { value: "봄" }));
  expect(ended).toMatchObject({
    status: "completed",
    output: { echo: "봄" },
    outcomes: ["completed"],
  });
  expect(bench.begun("echo")).toBe(1);
});

test("a processor sees its coordinates and a key for its outbound calls", async () => {
  bench.on("who", async ({ job, idempotencyKey }) => ({ job, idempotencyKey }));
  const id = await bench.submit("who", { maxAttempts: 7 });
  expect((await end(id)).output).toEqual({
    job: {
      ...{ id, tenantId: "tenant", run: 1, epoch: 1, attempt: 1, maxAttempts: 7 },
      ...{ batchId: null, position: null },
    },
    idempotencyKey: `${id}:1:1`,
  });
});

test("code that a processor calls finds the job it runs for, beside others", async () => {
  const all = gate();
  bench.on("mine", async () => {
    if (bench.begun("mine") === 3) all.open();
    await all.opened;
    return currentJob();
  });
  const ids = await bench.submitMany("mine", 3);
  for (const id of ids) {
    const { output } = await end(id);
    const place = { kind: "scripted", queue: "scripted", run: 1, epoch: 1, attempt: 1 };
    expect(output).toEqual({ id, ...place });
  }
  expect(currentJob()).toBeUndefined();
});

test("an unknown error is retried after the back-off, and its text is kept from the client", async () => {
  bench.on("twice", async ({ job }) => {
    if (job.attempt < 3) throw new Error("password=hunter2");
    return job.attempt;
  });
  const id = await bench.submit("twice");
  expect(await end(id)).toMatchObject({
    ...{ status: "completed", output: 3, outcomes: ["retry", "retry", "completed"] },
  });
  const told = await database.query("SELECT error FROM job_attempts WHERE job_id = $1", [id]);
  expect(JSON.stringify(told)).not.toContain("hunter2");
  expect(bench.events.some((one) => one.type === "handler_error" && one.job.id === id)).toBe(true);
});

test("attempts run out: exactly as many executions, then failed", async () => {
  bench.on("always", async () => {
    throw new RetryableError("the upstream is down", { code: "upstream_down" });
  });
  expect(await end(await bench.submit("always"))).toMatchObject({
    ...{ status: "failed", attempt: 3, outcomes: ["retry", "retry", "retry"] },
    error: { code: "upstream_down", message: "the upstream is down" },
  });
  expect(bench.begun("always")).toBe(3);
});

test("a processor that gives up is not retried", async () => {
  bench.on("hopeless", async () => {
    throw new GiveUp("the file is no image", { code: "not_an_image" });
  });
  expect(await end(await bench.submit("hopeless"))).toMatchObject({
    ...{ status: "failed", error: { code: "not_an_image", message: "the file is no image" } },
    outcomes: ["failed"],
  });
});

test("a job that is snoozed consumes no attempt", async () => {
  bench.on("later", async ({ job }) => {
    if (job.epoch < 4) throw new TryLater(5, "the pace is closed");
    return job.attempt;
  });
  expect(await end(await bench.submit("later", { maxAttempts: 1 }))).toMatchObject({
    ...{ status: "completed", output: 1, attempt: 1, snoozes: 3 },
    outcomes: ["snooze", "snooze", "snooze", "completed"],
  });
});

test("what an attempt spent upstream is added up in its row", async () => {
  bench.on("spends", async ({ spend }) => {
    spend({ tokens: 10, cost: 0.001 });
    spend({ tokens: 5 });
  });
  const id = await bench.submit("spends");
  await end(id);
  expect(
    await database.query("SELECT tokens, cost::float8 FROM job_attempts WHERE job_id = $1", [id]),
  ).toEqual([{ tokens: 15, cost: 0.001 }]);
});

test("stored input that no longer fits the kind's schema fails the job without running it", async () => {
  const id = await bench.submit("ghost", { input: { scripted: 1 } });
  expect(await end(id)).toMatchObject({ status: "failed", error: { code: "invalid_input" } });
});

test("progress and log lines of a run stand in Postgres when it has ended", async () => {
  bench.on("talks", async ({ progress, log }) => {
    progress(30, "reading");
    await log("page read", { page: 1 });
    await log("page read", { page: 2 });
  });
  const id = await bench.submit("talks");
  await end(id);
  const lines = await database.query<{ data: unknown }>(
    "SELECT data FROM job_events WHERE job_id = $1 AND type = 'log' ORDER BY seq",
    [id],
  );
  expect(lines.map((line) => line.data)).toEqual([
    { message: "page read", page: 1 },
    { message: "page read", page: 2 },
  ]);
});
