import { inspect } from "node:util";
import { createTestDatabase, startOwnRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { openBench } from "../fixtures/scripted-jobs.ts";
import { checkRedisSettings } from "./check-redis.ts";
import { connectRedis } from "./redis.ts";

const [database, redis] = [await createTestDatabase(), await startOwnRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
const admin = connectRedis({ mode: "single", url: redis.url }, "subscriber");
afterAll(async () => {
  await bench.close();
  admin.disconnect();
});

test("a Redis that evicts keys is refused at the start, by the name of the setting", async () => {
  await admin.config("SET", "maxmemory-policy", "allkeys-lru");
  await expect(bench.work()).rejects.toThrow(/maxmemory-policy allkeys-lru.*noeviction/);
  await admin.config("SET", "maxmemory-policy", "noeviction");
  const workers = await bench.work();
  expect(workers.inHand()).toBe(0);
});

test("a Redis without an append-only file is warned of, one with it is not", async () => {
  const warnings: string[] = [];
  await checkRedisSettings(admin, (text) => warnings.push(text));
  expect(warnings).toEqual([]);
  await admin.config("SET", "appendonly", "no");
  await checkRedisSettings(admin, (text) => warnings.push(text));
  expect(warnings).toMatchObject([expect.stringContaining("append-only")]);
});

test("a Redis that does not let its settings be read is warned of, not refused", async () => {
  await admin.call("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-config");
  const url = redis.url.replace("redis://", "redis://app:secret@");
  const app = connectRedis({ mode: "single", url }, "subscriber");
  const warnings: string[] = [];
  await checkRedisSettings(app, (text) => warnings.push(text));
  app.disconnect();
  expect(warnings).toHaveLength(2);
});

test("a password that is refused stands in no error that is told", async () => {
  const errors: Error[] = [];
  const url = redis.url.replace("redis://", "redis://app:s3cret@");
  const app = connectRedis({ mode: "single", url }, "subscriber", (error) => errors.push(error));
  await waitFor(() => errors.length > 0, { what: "the refusal" });
  app.disconnect();
  expect(errors[0]?.message).toMatch(/WRONGPASS/);
  expect(inspect(errors, { depth: 10 })).not.toContain("s3cret");
});

test("a Redis of another installation is refused, by the name of the setting", async () => {
  const elsewhere = await createTestDatabase();
  // Test databases are copies of one template, its id included.
  await elsewhere.query("UPDATE sweeper_state SET installation_id = gen_random_uuid()");
  const other = openBench({ databaseUrl: elsewhere.url, redisUrl: redis.url });
  await expect(other.work()).rejects.toThrow(/another Ilgam installation.*REDIS_URL/s);
  await other.close();
});
