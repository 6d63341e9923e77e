import { randomUUID } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clockedRedis } from "../fixtures/clocked-redis.ts";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import { createPace, type Pace, type PacePolicy } from "../index.ts";

let server: TestRedis;
let nowMs: number;
let key: string;
const noon = Date.parse("2026-11-21T12:00:00+09:00");
const midnight = Date.parse("2026-11-22T00:00:00+09:00");
const policy: PacePolicy = { intervalMs: 0, dailyQuota: 3, maxWaitMs: 0 };

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(() => {
  key = randomUUID();
  nowMs = noon;
});

function clockedPace(): Pace {
  return createPace({ redis: clockedRedis(server.connect(), () => nowMs) });
}

async function refusalOf(reservation: Promise<unknown>): Promise<TryLater> {
  const error = await reservation.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TryLater);
  return error as TryLater;
}

describe("the daily quota", () => {
  test("closes the key until midnight in Seoul when all processes together have spent it", async () => {
    const [pace, other] = [clockedPace(), clockedPace()];
    await pace.reserve(key, policy);
    await other.reserve(key, policy);
    await pace.reserve(key, policy);
    const refused = await refusalOf(other.reserve(key, policy));
    expect(refused.delayMs).toBe(12 * 3_600_000);
    expect(refused.message).toContain("3");
    expect(await pace.status(key)).toMatchObject({
      usedToday: 3,
      quota: 3,
      closedUntil: midnight,
      nextSlotAt: midnight,
      why: refused.message,
    });
  });

  test("is renewed at midnight, and a caller may wait for it", async () => {
    const pace = clockedPace();
    for (let n = 0; n < 3; n += 1) await pace.reserve(key, policy);
    nowMs = midnight - 100;
    expect((await refusalOf(pace.reserve(key, policy))).delayMs).toBe(100);
    nowMs = midnight;
    expect((await pace.reserve(key, policy)).slotAt).toBe(midnight);
    expect(await pace.status(key)).toMatchObject({ usedToday: 1, closedUntil: null });
  });

  test("is not forgotten by a living process when Redis loses everything", async () => {
    const pace = clockedPace();
    for (let n = 0; n < 3; n += 1) await pace.reserve(key, policy);
    await server.connect().flushall();
    await refusalOf(pace.reserve(key, policy));
  });

  test("of 0 lets nobody through", async () => {
    await refusalOf(clockedPace().reserve(key, { ...policy, dailyQuota: 0 }));
  });

  test("follows the midnight of the zone it is told", async () => {
    const pace = clockedPace();
    const inUtc = { ...policy, dailyQuota: 1, quotaTimeZone: "UTC" };
    await pace.reserve(key, inUtc);
    expect((await refusalOf(pace.reserve(key, inUtc))).delayMs).toBe(21 * 3_600_000);
  });
});

describe("closing for the day", () => {
  test("lasts until midnight", async () => {
    const pace = clockedPace();
    expect(await pace.close(key, { quotaResetIn: "Asia/Seoul" }, "spent")).toBe(12 * 3_600_000);
  });

  test("lasts a minute when the day is young, since the provider may still be in the old one", async () => {
    nowMs = midnight + 60_000;
    expect(await clockedPace().close(key, { quotaResetIn: "Asia/Seoul" }, "spent")).toBe(60_000);
  });
});

describe("closing with back-off", () => {
  test("doubles from 1 s to 60 s while the provider keeps refusing", async () => {
    const pace = clockedPace();
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      waits.push(await pace.close(key, { backoff: true }, "429"));
      nowMs += (waits.at(-1) ?? 0) + 1;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000));
  });

  test("counts answers to calls that were already under way as one refusal", async () => {
    const pace = clockedPace();
    expect(await pace.close(key, { backoff: true }, "429")).toBe(1_000);
    nowMs += 400;
    expect(await clockedPace().close(key, { backoff: true }, "429")).toBe(600);
    nowMs += 700;
    expect(await pace.close(key, { backoff: true }, "429")).toBe(2_000);
  });

  test("begins again at 1 s after a quiet time", async () => {
    const pace = clockedPace();
    await pace.close(key, { backoff: true }, "429");
    nowMs += 60_000;
    expect(await pace.close(key, { backoff: true }, "429")).toBe(1_000);
  });
});

describe("clocks", () => {
  test.each([-600_000, 600_000])(
    "a process whose clock is off by %i ms is paced by Redis' clock",
    async (off) => {
      nowMs = Date.now() + off;
      const pace = clockedPace();
      expect((await pace.reserve(key, { intervalMs: 1_000, maxWaitMs: 0 })).slotAt).toBe(nowMs);
      nowMs += 300;
      const refused = await refusalOf(pace.reserve(key, { intervalMs: 1_000, maxWaitMs: 0 }));
      expect(refused.delayMs).toBe(700);
    },
  );

  test("Redis' clock going back by an hour does not close the key for an hour", async () => {
    await clockedPace().reserve(key, policy);
    nowMs -= 3_600_000;
    expect((await clockedPace().reserve(key, policy)).slotAt).toBe(nowMs);
  });
});
