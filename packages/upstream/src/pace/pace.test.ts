import { randomUUID } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import { createPace, type Pace, type PacePolicy } from "../index.ts";

let server: TestRedis;
let pace: Pace;
let other: Pace;
let key: string;
const policy: PacePolicy = { intervalMs: 20 };
const slow: PacePolicy = { intervalMs: 5_000 };

beforeAll(async () => {
  server = await startRedis();
  pace = createPace({ redis: server.connect() });
  other = createPace({ redis: server.connect() });
});
afterAll(() => server.stop());
beforeEach(() => {
  key = randomUUID();
});

function gapsOf(times: number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0));
}

describe("a slot", () => {
  test("is never closer to another than the interval, whoever asks and however many at once", async () => {
    const asks = Array.from({ length: 30 }, (_, n) => (n % 2 ? pace : other).reserve(key, policy));
    const admissions = await Promise.all(asks);
    expect(Math.min(...gapsOf(admissions.map(({ slotAt }) => slotAt)))).toBeGreaterThanOrEqual(20);
  });

  test("is free at once when nobody has called for an interval", async () => {
    const { waitedMs, degraded } = await pace.reserve(key, slow, { maxWaitMs: 0 });
    expect(degraded).toBe(false);
    expect(waitedMs).toBeLessThan(500);
  });

  test("further away than the wait allowed is refused with the time, and is not reserved", async () => {
    await pace.reserve(key, slow);
    const before = await pace.status(key);
    const refused = await other.reserve(key, slow).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TryLater);
    expect((refused as TryLater).delayMs).toBeGreaterThan(2_000);
    expect((refused as TryLater).delayMs).toBeLessThanOrEqual(5_000);
    expect((await pace.status(key)).nextSlotAt).toBe(before.nextSlotAt);
    expect((await pace.status(key)).usedToday).toBe(1);
  });

  test("of a caller that was aborted goes back if it was the last, and the reason is thrown", async () => {
    await pace.reserve(key, { intervalMs: 1_000 });
    const free = await pace.status(key);
    const abort = new AbortController();
    const waiting = pace.reserve(key, { intervalMs: 1_000 }, { signal: abort.signal });
    await expect.poll(async () => (await pace.status(key)).usedToday).toBe(2);
    const reason = new Error("cancelled by its owner");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await pace.status(key)).toMatchObject({ nextSlotAt: free.nextSlotAt, usedToday: 1 });
  });

  test("is not asked for by a caller that is aborted already", async () => {
    const reason = new Error("too late");
    const signal = AbortSignal.abort(reason);
    await expect(pace.reserve(key, policy, { signal })).rejects.toBe(reason);
    expect((await pace.status(key)).usedToday).toBe(0);
  });

  test("that the event loop slept through is given up instead of called in a burst", async () => {
    const missed: number[] = [];
    const stalling = createPace({
      redis: server.connect(),
      onMissedSlot: (_key, lateMs) => missed.push(lateMs),
    });
    await stalling.reserve(key, policy);
    const asks = Array.from({ length: 8 }, () => stalling.reserve(key, policy));
    await expect.poll(async () => (await pace.status(key)).usedToday).toBeGreaterThan(7);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 90);
    const woken = performance.timeOrigin + performance.now();
    const admissions = await Promise.all(asks);
    const late = admissions.filter(({ slotAt }) => slotAt < woken - 12);
    expect(missed.length).toBeGreaterThan(2);
    expect(late.length).toBeLessThanOrEqual(1);
    expect((await pace.status(key)).usedToday).toBe(9);
  });

  test("stays behind those already given when Redis loses everything", async () => {
    const admissions = Array.from({ length: 20 }, () => pace.reserve(key, policy));
    await expect.poll(async () => (await other.status(key)).usedToday).toBe(20);
    await server.connect().flushall();
    admissions.push(...Array.from({ length: 10 }, () => pace.reserve(key, policy)));
    const slots = (await Promise.all(admissions)).map(({ slotAt }) => slotAt);
    expect(Math.min(...gapsOf(slots))).toBeGreaterThanOrEqual(20);
  });
});

describe("a closed key", () => {
  test("refuses everybody until it opens, and says why", async () => {
    expect(await pace.close(key, { delayMs: 60_000 }, "쉬는 중")).toBe(60_000);
    const refused = (await other.reserve(key, policy).catch((error) => error)) as TryLater;
    expect(refused).toBeInstanceOf(TryLater);
    expect(refused.message).toBe("쉬는 중");
    expect(refused.delayMs).toBeGreaterThan(59_000);
    const status = await other.status(key);
    expect(status.why).toBe("쉬는 중");
    expect(status.closedUntil).toBe(status.nextSlotAt);
  });

  test("is not opened sooner by a shorter closing", async () => {
    const { nextSlotAt: now } = await pace.status(key);
    await pace.close(key, { until: now + 90_000 }, "first");
    expect(await other.close(key, { delayMs: 10 }, "second")).toBeGreaterThan(80_000);
    expect(await pace.status(key)).toMatchObject({ closedUntil: now + 90_000, why: "first" });
  });

  test("turns away the callers of every process that wait for their slots", async () => {
    const wide = { intervalMs: 300 };
    await pace.reserve(key, wide);
    const waiting = [pace.reserve(key, wide), other.reserve(key, wide), pace.reserve(key, wide)];
    await expect.poll(async () => (await pace.status(key)).usedToday).toBe(4);
    await other.close(key, { delayMs: 30_000 }, "429");
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect((await pace.status(key)).usedToday).toBe(1);
  });

  test("that opens soon is waited for", async () => {
    await pace.close(key, { delayMs: 50 }, "a moment");
    const { closedUntil } = await pace.status(key);
    expect((await other.reserve(key, policy)).slotAt).toBeGreaterThanOrEqual(closedUntil ?? 0);
    expect(await pace.status(key)).toMatchObject({ closedUntil: null, why: null });
  });
});
