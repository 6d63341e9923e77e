import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isOver, openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const hooks = {
  fail: "" as "" | "onCompleted" | "onFailed" | "both",
  calls: [] as string[],
};
const hook = (name: "onCompleted" | "onFailed") => async () => {
  hooks.calls.push(name);
  if (hooks.fail === name || hooks.fail === "both") throw new Error(`${name} failed`);
};
const plain = openBench({ databaseUrl: database.url, redisUrl: redis.url });
beforeAll(async () => void (await plain.work()));
afterAll(() => plain.close());

const otherRedis = await createTestRedis();
const otherDatabase = await createTestDatabase();
const hooked = openBench({
  ...{ databaseUrl: otherDatabase.url, redisUrl: otherRedis.url },
  hooks: { onCompleted: hook("onCompleted"), onFailed: hook("onFailed") },
});
beforeAll(async () => void (await hooked.work()));
afterAll(() => hooked.close());

async function end(bench: typeof plain, id: string) {
  await waitFor(async () => isOver(await bench.look(id)), { what: `job ${id} to end` });
  return bench.look(id);
}

test("a result that Postgres refuses fails its job instead of leaving it running for ever", async () => {
  plain.on("nul", async () => "\u0000");
  const ended = await end(plain, await plain.submit("nul"));
  expect(ended).toMatchObject({ status: "failed", outcomes: ["retry", "retry", "retry"] });
});

test("spending that no number holds costs no job its result's life", async () => {
  plain.on("spendthrift", async ({ spend }) => spend({ tokens: 1e12 }));
  expect(isOver(await end(plain, await plain.submit("spendthrift")))).toBe(true);
});

test("a hook that fails undoes the completion, and the job is retried", async () => {
  hooks.fail = "onCompleted";
  let tries = 0;
  hooked.on("hooked", async () => {
    tries += 1;
    if (tries === 2) hooks.fail = "";
    return tries;
  });
  expect(await end(hooked, await hooked.submit("hooked"))).toMatchObject({
    ...{ status: "completed", output: 2, outcomes: ["retry", "completed"] },
  });
});

test("a job whose every hook fails still ends, as failed", async () => {
  hooks.fail = "both";
  hooked.on("cursed", async () => 1);
  expect(await end(hooked, await hooked.submit("cursed"))).toMatchObject({ status: "failed" });
});

test("hooks run once each, for the end they belong to", async () => {
  hooks.fail = "";
  hooks.calls.length = 0;
  hooked.on("good", async () => 1);
  hooked.on("bad", async () => {
    throw new Error("no");
  });
  await end(hooked, await hooked.submit("good"));
  expect(hooks.calls).toEqual(["onCompleted"]);
  await end(hooked, await hooked.submit("bad"));
  expect(hooks.calls).toEqual(["onCompleted", "onFailed"]);
});
