import { inspect } from "node:util";
import { startOwnCluster, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { checkRedisSettings } from "./check-redis.ts";
import { connectRedis } from "./redis.ts";
import type { RedisSettings } from "./redis-settings.ts";

const cluster = await startOwnCluster();
const nodes = cluster.masters.map(({ port }) => ({ host: "127.0.0.1", port }));
const settings: RedisSettings = { mode: "cluster", nodes, tls: false };
const background = connectRedis(settings, "background");
afterAll(() => background.disconnect());

const ready = (redis: typeof background) =>
  waitFor(() => redis.status === "ready", { what: "the connection" });

test("each node of a Cluster is looked at, and the one that evicts keys is named", async () => {
  await ready(background);
  const warnings: string[] = [];
  await checkRedisSettings(background, (text) => warnings.push(text));
  expect(warnings).toEqual([]);
  const [, , last] = cluster.masters;
  const admin = connectRedis({ mode: "single", url: last?.url ?? "" }, "subscriber");
  await admin.config("SET", "maxmemory-policy", "allkeys-lru");
  const refusal = new RegExp(`:${last?.port} evicts keys.*allkeys-lru.*noeviction`);
  await expect(checkRedisSettings(background, () => undefined)).rejects.toThrow(refusal);
  await admin.config("SET", "maxmemory-policy", "noeviction");
  admin.disconnect();
});

test("a node of a Cluster that is given as a Redis of its own is refused", async () => {
  const single = connectRedis({ mode: "single", url: cluster.masters[0]?.url ?? "" }, "subscriber");
  await expect(checkRedisSettings(single, () => undefined)).rejects.toThrow(/REDIS_CLUSTER_NODES/);
  single.disconnect();
});

test("a password that a Cluster refuses is told of, and stands in no error", async () => {
  const errors: Error[] = [];
  const wrong = { ...settings, username: "nobody", password: "s3cret" };
  const refused = connectRedis(wrong, "producer", (error) => errors.push(error));
  await waitFor(() => errors.length > 0, { what: "the refusal" });
  refused.disconnect();
  expect(errors[0]?.message).toMatch(/slots cache.*WRONGPASS/);
  expect(inspect(errors, { depth: 10, showHidden: true })).not.toContain("s3cret");
});

test("a subscriber goes to another node when its own dies, and hears what is said anywhere", async () => {
  const heard: string[] = [];
  const subscriber = connectRedis(settings, "subscriber");
  subscriber.on("message", (_channel, text: string) => heard.push(text));
  await subscriber.subscribe("{ilgam}:cancel");
  const say = async (text: string) => {
    await background.publish("{ilgam}:cancel", text);
    return heard.includes(text);
  };
  await waitFor(() => say("before"), { what: "a message" });
  await cluster.masters[0]?.kill();
  await waitFor(() => say("after"), { what: "a message after its node has died" });
  subscriber.disconnect();
});
