import { createDatabase, installationId } from "@ilgam/db";
import { redisCommands } from "@ilgam/local-services";
import { createTestDatabase, startOwnRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { startWorkers } from "../worker/start-workers.ts";
import type { RunningWorkers } from "../worker/worker-options.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
const redis = await startOwnRedis();
const started: RunningWorkers[] = [];
afterAll(async () => {
  await redis.start();
  for (const one of started) await one.stop(100);
  await db.close();
});

/** A worker that is started while there is no Redis. */
async function startEarly() {
  const told = { warnings: [] as string[], recycled: 0 };
  const workers = await startWorkers({
    ...{ db, redis: { mode: "single", url: redis.url }, catalogue: [], version: "test" },
    onEvent: (event) => {
      if (event.type === "warning") told.warnings.push(event.text);
    },
    onRecycle: () => {
      told.recycled += 1;
    },
  });
  started.push(workers);
  return told;
}
const owner = async () => (await redisCommands(redis.url, [["GET", "{ilgam}:owner"]], 5_000))[0];

test("a Redis that comes after the start is looked at and signed", async () => {
  await redis.kill();
  const told = await startEarly();
  expect(told.warnings.join()).toContain("Redis does not answer");
  await redis.start();
  await waitFor(async () => (await owner()) ?? undefined, { what: "the sign", timeoutMs: 20_000 });
  expect(await owner()).toBe(await installationId(db.sql));
  expect(told.recycled).toBe(0);
}, 60_000);

test("one that is another installation's ends the process, which says why", async () => {
  await redisCommands(redis.url, [["SET", "{ilgam}:owner", "another"]], 5_000);
  await redis.kill();
  const told = await startEarly();
  await redis.start();
  await redisCommands(redis.url, [["SET", "{ilgam}:owner", "another"]], 5_000);
  await waitFor(async () => told.recycled > 0 || undefined, { what: "it", timeoutMs: 20_000 });
  expect(told.warnings.at(-1)).toMatch(/cannot be used.*another Ilgam installation/);
  expect(await owner()).toBe("another");
  await redisCommands(redis.url, [["DEL", "{ilgam}:owner"]], 5_000);
}, 60_000);
