import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
beforeAll(async () => void (await bench.work()));
afterAll(() => bench.close());

async function end(id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

test("a checkpoint that a first attempt reached is reread by the second, not done again", async () => {
  let fetched = 0;
  bench.on("steps", async ({ job, step }) => {
    const page = await step("fetch", async () => {
      fetched += 1;
      return { text: "본문", by: job.attempt };
    });
    if (job.attempt === 1) throw new Error("after the checkpoint");
    return page;
  });
  expect(await end(await bench.submit("steps"))).toMatchObject({
    ...{ status: "completed", output: { text: "본문", by: 1 }, attempt: 2 },
  });
  expect(fetched).toBe(1);
});

test("a checkpoint whose work fails is done again", async () => {
  let tried = 0;
  bench.on("fails", async ({ step }) =>
    step("fetch", async () => {
      tried += 1;
      if (tried === 1) throw new Error("the fetch failed");
      return tried;
    }),
  );
  expect(await end(await bench.submit("fails"))).toMatchObject({ status: "completed", output: 2 });
});

test("a checkpoint without output is a checkpoint", async () => {
  let done = 0;
  bench.on("silent", async ({ job, step }) => {
    await step("notify", async () => {
      done += 1;
    });
    if (job.attempt === 1) throw new Error("after the checkpoint");
  });
  expect((await end(await bench.submit("silent"))).status).toBe("completed");
  expect(done).toBe(1);
});
