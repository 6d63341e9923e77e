import { newId } from "@ilgam/db";
import { createTestRedis, startOwnPostgres, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { type Bench, gate, isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [postgres, redis] = [await startOwnPostgres(), await createTestRedis()];
const bench = openBench({ databaseUrl: postgres.url, redisUrl: redis.url, leaseMs: 1_500 });
afterAll(() => bench.close());

const spooled = async () => (await redis.command("KEYS", "{ilgam}:spool:*")) as string[];

async function end(on: Bench, id: string) {
  const over = async () => isOver(await on.look(id));
  await waitFor(over, { what: `job ${id} to end`, timeoutMs: 20_000 });
  return on.look(id);
}

test("a result that comes while Postgres is down is kept, stored when it is back, and done once", async () => {
  const finish = gate();
  bench.on("held", async ({ spend }) => {
    spend({ tokens: 9 });
    await finish.opened;
    return "costly";
  });
  await bench.work();
  const id = await bench.submit("held");
  await waitFor(() => bench.begun("held") === 1, { what: "it to begin" });
  await postgres.stop("immediate");
  finish.open();
  await waitFor(async () => (await spooled()).length === 1, { what: "the spool" });
  await postgres.start();
  expect(await end(bench, id)).toMatchObject({
    ...{ status: "completed", output: "costly", epoch: 1, outcomes: ["completed"] },
  });
  expect(bench.begun("held")).toBe(1);
  await waitFor(async () => (await spooled()).length === 0, { what: "the spool to be emptied" });
});

test("a successor adopts the result of a worker that died with it, and what it had spent", async () => {
  bench.on("adopted", async () => "done again");
  await bench.pause(true);
  const id = await bench.submit("adopted");
  await bench.db.sql.query("UPDATE jobs SET epoch = 1 WHERE id = $1", [id]);
  const outcome = { type: "completed", output: "costly" };
  const cost = { model: "m", tokens: 70, unpricedTokens: 0, cost: 0.5 };
  const calls = [{ id: newId(), jobId: id, epoch: 1, ...cost }];
  const text = JSON.stringify({ epoch: 1, outcome, spent: [cost], calls });
  await redis.command("SET", `{ilgam}:spool:${id}:1`, text);
  await bench.pause(false);
  expect(await end(bench, id)).toMatchObject({ status: "completed", output: "costly", epoch: 2 });
  expect(bench.begun("adopted")).toBe(0);
  const [job] = await bench.db.sql.query("SELECT tokens::int FROM jobs WHERE id = $1", [id]);
  expect(job).toEqual({ tokens: 70 });
});

test("a spooled result is of its run only: an explicit retry does the work anew", async () => {
  bench.on("anew", async () => "fresh");
  await bench.pause(true);
  const id = await bench.submit("anew");
  await bench.db.sql.query("UPDATE jobs SET epoch = 1, run = 2 WHERE id = $1", [id]);
  const outcome = { type: "completed", output: "of the first run" };
  await redis.command("SET", `{ilgam}:spool:${id}:1`, JSON.stringify({ epoch: 1, outcome }));
  await bench.pause(false);
  expect(await end(bench, id)).toMatchObject({ status: "completed", output: "fresh", run: 2 });
});

test("an outage longer than a lease executes nothing twice", async () => {
  const finish = gate();
  bench.on("outlives", async () => {
    await finish.opened;
    return 1;
  });
  const id = await bench.submit("outlives");
  await waitFor(() => bench.begun("outlives") === 1, { what: "it to begin" });
  const errors = () => bench.events.filter((one) => one.type === "lease_error").length;
  const before = errors();
  await postgres.stop("immediate");
  // Retried every 250 ms: eight misses are longer than the lease of 1,500 ms.
  await waitFor(() => errors() >= before + 8, { what: "the lease to run out" });
  await postgres.start();
  finish.open();
  expect(await end(bench, id)).toMatchObject({ status: "completed", epoch: 1, crash_count: 0 });
  expect(bench.begun("outlives")).toBe(1);
});
