import { randomUUID } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import { createPace, type Pace, type PacePolicy, type PaceRedis } from "../index.ts";

let server: TestRedis;
let pace: Pace;
let degraded: unknown[];
const key = randomUUID();
const policy: PacePolicy = { intervalMs: 10 };

beforeEach(async () => {
  server = await startRedis();
  degraded = [];
  pace = createPace({
    redis: server.connect(),
    liveWorkers: () => 3,
    onDegraded: (error) => degraded.push(error),
  });
});
afterEach(() => server.stop());

async function reserveMany(count: number, terms = policy) {
  const asks = Array.from({ length: count }, () => pace.reserve(key, terms));
  return (await Promise.all(asks)).toSorted((a, b) => a.slotAt - b.slotAt);
}

function shortestGap(admissions: { slotAt: number }[]): number {
  const gaps = admissions.slice(1).map(({ slotAt }, n) => slotAt - (admissions[n]?.slotAt ?? 0));
  return Math.min(...gaps);
}

test("a process whose Redis has died takes its share of the pace by itself, and it is counted", async () => {
  await reserveMany(2);
  await server.stop();
  const admissions = await reserveMany(6);
  expect(admissions.every((admission) => admission.degraded)).toBe(true);
  expect(shortestGap(admissions)).toBeGreaterThanOrEqual(30);
  expect(degraded.length).toBeGreaterThanOrEqual(6);
});

test("a Redis that accepts and never answers holds a caller for its time limit only", async () => {
  await reserveMany(2);
  server.freeze();
  const [admission] = await reserveMany(1);
  expect(admission?.degraded).toBe(true);
  expect(String(degraded[0])).toContain("200 ms");
  server.thaw();
});

test("a process that was busy itself for longer than the limit does not think that Redis is away", async () => {
  await reserveMany(1);
  const asking = pace.reserve(key, policy);
  // The request leaves before the event loop stands still, and its answer waits in the socket.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  expect((await asking).degraded).toBe(false);
  expect(degraded).toEqual([]);
});

test("slots taken alone and slots of the returned Redis do not overlap", async () => {
  await reserveMany(2);
  server.freeze();
  const alone = await reserveMany(10);
  const waiting = Array.from({ length: 20 }, () => pace.reserve(key, policy));
  server.thaw();
  await expect
    .poll(async () => (await pace.reserve(key, policy)).degraded, { interval: 10 })
    .toBe(false);
  const all = [...alone, ...(await Promise.all(waiting)), ...(await reserveMany(5))];
  expect(shortestGap(all.toSorted((a, b) => a.slotAt - b.slotAt))).toBeGreaterThanOrEqual(10);
});

test("calls made alone are told to Redis when it returns, each once", async () => {
  const client = server.connect();
  let away = false;
  const redis: PaceRedis = {
    eval: async (...args) => {
      if (away) throw new Error("Redis is away");
      return client.eval(...args);
    },
  };
  pace = createPace({ redis });
  await reserveMany(2);
  away = true;
  await reserveMany(4);
  away = false;
  let later = 0;
  const isBack = async () => {
    later += 1;
    return !(await pace.reserve(key, policy)).degraded;
  };
  await expect.poll(isBack, { interval: 10 }).toBe(true);
  await reserveMany(3);
  expect((await pace.status(key)).usedToday).toBe(2 + 4 + later + 3);
});

test("closing and the quota hold without Redis, for this process", async () => {
  await server.stop();
  const tight = { ...policy, dailyQuota: 6 };
  await reserveMany(2, tight);
  await expect(pace.reserve(key, tight)).rejects.toBeInstanceOf(TryLater);
  expect(await pace.close(key, { backoff: true }, "쉬는 중")).toBe(1_000);
  await expect(pace.reserve(key, policy, { maxWaitMs: 0 })).rejects.toThrow("쉬는 중");
  expect(await pace.status(key)).toMatchObject({ why: "쉬는 중", usedToday: 2, degraded: true });
});

test("tokens and calls under way are shared out without Redis, and settled", async () => {
  await server.stop();
  const terms = { intervalMs: 0, maxWaitMs: 0, tokensPerMinute: 180_000, maxConcurrency: 6 };
  const take = (input: number) =>
    pace.reserve(key, terms, { tokens: { label: "a", input, output: 0 } });
  const first = await take(50_000);
  expect(first).toMatchObject({ degraded: true, tokens: 50_000 });
  const refused = await take(1).catch((error: unknown) => error as TryLater);
  // A third of 180,000 a minute is one a millisecond.
  expect((refused as TryLater).delayMs).toBeGreaterThan(45_000);
  expect((refused as TryLater).message).toContain("토큰");
  await first.settle(0);
  expect((await take(1)).degraded).toBe(true);
  const calls = { intervalMs: 0, maxWaitMs: 0, maxConcurrency: 6 };
  const same = randomUUID();
  await pace.reserve(same, calls);
  const second = await pace.reserve(same, calls);
  await expect(pace.reserve(same, calls)).rejects.toThrow("동시에");
  await second.settle();
  await pace.reserve(same, calls);
});
