import { enterWorker, newId, renewLease } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { readApiEnv } from "../index.ts";
import type { ChecklistItem } from "./checklist.ts";
import type { PaceView } from "./schemas.ts";

const later = (ms: number) => new Date(Date.now() + ms).toISOString();
const pace = (key: string, more: Partial<PaceView>): PaceView => ({
  ...{ key, closedUntil: null, why: null, nextSlotAt: later(0), usedToday: 0, quota: null },
  ...more,
});

const closed = (ms: number) => [pace("openai", { closedUntil: later(ms), why: "429" })];
const spentQuota = { usedToday: 25_000, quota: 25_000 };
const quiet = await createTestApi({}, { readPaces: async () => [pace("openai", {})] });
const limits = { CHECKLIST_QUEUE_SIZE: "2", CHECKLIST_MEMORY_MB: "5000" };
const busy = await createTestApi(limits, {
  readPaces: async () => [pace("openai", {}), pace("naver-search", spentQuota)],
});
const pausing = await createTestApi({}, { readPaces: async () => closed(2_000) });
const spent = await createTestApi({}, { readPaces: async () => closed(3_600_000) });
const away = await createTestApi({}, { readPaces: () => Promise.reject(new Error("away")) });

/** The items by their names, of a test's own API: what it read is kept for two seconds. */
async function checklist(
  api: Awaited<ReturnType<typeof createTestApi>>,
  query = "",
): Promise<Record<string, ChecklistItem>> {
  const { body } = await api.call("GET", `/v1/stats${query}`);
  const items = body.checklist as ChecklistItem[];
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

test("on a quiet installation every item has its limit and is in order", async () => {
  const { body } = await quiet.call("GET", "/v1/stats");
  expect(body.checklist).toMatchObject([
    { name: "queue_size", value: 0, limit: 100, unit: "jobs", ok: true },
    { name: "processing_minutes", value: null, limit: 30, unit: "minutes", ok: true },
    { name: "failure_rate", value: null, limit: 10, unit: "percent", ok: true },
    { name: "memory", value: expect.any(Number), limit: 1024, unit: "MB", ok: true },
    { name: "upstream_quota", value: null, limit: 100, unit: "percent", ok: true },
  ]);
});

test("each item names who is over its limit, in the reader's language", async () => {
  await busy.run(await busy.submit(), { type: "failed", error: { code: "x", message: "x" } });
  const running = await busy.submit();
  await busy.claim(running);
  await busy.db.sql.query("UPDATE jobs SET claimed_at = now() - interval '31 min' WHERE id = $1", [
    running,
  ]);
  for (let n = 0; n < 2; n += 1) await busy.submit();
  const workerId = newId();
  const worker = { workerId, host: "box", pid: 7, version: "1", queues: ["echo"] };
  await enterWorker(busy.db.sql, worker, 60_000);
  const pulse = { workerId, leaseMs: 60_000, inHand: 0, memoryBytes: 6_000 * 1_048_576 };
  await renewLease(busy.db.sql, { ...pulse, consuming: true, draining: false, concurrency: {} });
  const items = await checklist(busy, "?lang=en");
  expect(items).toMatchObject({
    queue_size: { value: 2, limit: 2, ok: false, subject: "echo" },
    processing_minutes: { value: 31, ok: false, subject: "echo" },
    failure_rate: { value: 100, ok: false, subject: "echo" },
    memory: { value: 6_000, ok: false, subject: "worker box:7" },
    upstream_quota: { value: 100, ok: false, subject: "naver-search" },
  });
  expect(items.memory?.all).toContainEqual({
    ...{ subject: "api", value: expect.any(Number), ok: true },
  });
  expect(items.queue_size?.message).toMatch(/echo holds 2 waiting jobs; the limit is 2/);
  expect((await checklist(busy)).queue_size?.message).toMatch(/큐 echo에 작업 2개/);
});

test("a key that its provider closed for the day is out of quota, one that pauses is not", async () => {
  expect((await checklist(pausing)).upstream_quota?.ok).toBe(true);
  expect((await checklist(spent)).upstream_quota).toMatchObject({ ok: false, subject: "openai" });
});

test("quotas that cannot be read are not in order", async () => {
  expect((await checklist(away)).upstream_quota).toMatchObject({ ok: false, value: null });
});

test.each([
  ["CHECKLIST_QUEUE_SIZE", "0"],
  ["CHECKLIST_FAILURE_PERCENT", "101"],
  ["CHECKLIST_MEMORY_MB", "1e3"],
  ["USAGE_TIME_ZONE", "Seoul"],
  ["USAGE_TIME_ZONE", "Asia/Kolkata"],
])("%s=%s is refused at the start", (name, value) => {
  const env = { DATABASE_URL: "postgresql://h/d", REDIS_URL: "redis://h", [name]: value };
  expect(() => readApiEnv(env)).toThrow(name);
});
