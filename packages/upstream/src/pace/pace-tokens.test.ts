import { randomUUID } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clockedRedis } from "../fixtures/clocked-redis.ts";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import {
  createPace,
  type Pace,
  type PacePolicy,
  type PaceRedis,
  type TokenDemand,
} from "../index.ts";

let server: TestRedis;
let nowMs: number;
let key: string;
let pace: Pace;
let other: Pace;
/** By Redis' own clock. */
let real: Pace;
/** One token a millisecond. */
const policy: PacePolicy = { intervalMs: 0, tokensPerMinute: 60_000, maxWaitMs: 0 };

beforeAll(async () => {
  server = await startRedis();
  real = patientPace(server.connect());
});
afterAll(() => server.stop());
beforeEach(() => {
  key = randomUUID();
  nowMs = Date.parse("2026-11-21T12:00:00+09:00");
  pace = clockedPace();
  other = clockedPace();
});

/** Going on alone when the machine is busy is another test's matter. */
const patientPace = (redis: PaceRedis) => createPace({ redis, redisTimeoutMs: 10_000 });

function clockedPace(): Pace {
  return patientPace(clockedRedis(server.connect(), () => nowMs));
}

function take(input: number, output = 0, { by = pace, label = "a", terms = policy } = {}) {
  const tokens: TokenDemand = { label, input, output };
  return by.reserve(key, terms, { tokens });
}

async function waitOf(reservation: Promise<unknown>): Promise<number> {
  const error = await reservation.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TryLater);
  return (error as TryLater).delayMs;
}

describe("tokens per minute", () => {
  test("hold back the next call, in whatever process, until the last one's are paid for", async () => {
    expect(await take(2_000, 1_000)).toMatchObject({ tokens: 3_000, slotAt: nowMs });
    expect(await waitOf(take(1, 0, { by: other }))).toBe(3_000);
    nowMs += 3_000;
    expect(await take(1, 0, { by: other })).toMatchObject({ tokens: 1, slotAt: nowMs });
  });

  test("say why a call waits", async () => {
    await take(2_000);
    await expect(take(1)).rejects.toThrow("토큰");
    expect((await pace.status(key)).nextSlotAt).toBe(nowMs + 2_000);
  });

  test("are settled to what was really used: less lets the next call in sooner", async () => {
    const { settle } = await take(1_000, 2_000);
    await settle(1_400);
    expect(await waitOf(take(1))).toBe(1_400);
  });

  test("are settled to what was really used: more keeps it out for longer", async () => {
    const { settle } = await take(1_000, 0);
    await settle(2_500);
    expect(await waitOf(take(1))).toBe(2_500);
  });

  test("settled late are made up for, but by no more than a quarter of a second's tokens", async () => {
    const { settle } = await take(5_000, 0, { label: "b" });
    nowMs += 8_000;
    await settle(0);
    await take(200);
    await take(600);
    expect(await waitOf(take(1))).toBe(550);
  });

  test.each([0, 1])(
    "settled to less let others in before those who wait (interval %i ms)",
    async (intervalMs) => {
      const abort = new AbortController();
      const terms = { ...policy, intervalMs, maxWaitMs: 60_000 };
      const ask = (label: string, input: number) =>
        real.reserve(key, terms, { tokens: { label, input, output: 0 }, signal: abort.signal });
      const taken = async (count: number) => (await real.status(key)).usedToday === count;
      const first = await ask("a", 20_000);
      const waiting = [ask("b", 100)];
      await expect.poll(() => taken(2)).toBe(true);
      await first.settle(1);
      waiting.push(ask("c", 100), ask("d", 100));
      await expect.poll(() => taken(4)).toBe(true);
      if (intervalMs === 0) {
        const slots = (await Promise.all(waiting.slice(1))).map(({ slotAt }) => slotAt);
        expect(Math.max(...slots) - first.slotAt).toBeLessThan(20_000);
      }
      // Where slots have an order they come behind it, but what came back pays for them.
      const { nextSlotAt } = await real.status(key);
      expect(nextSlotAt - first.slotAt).toBeLessThanOrEqual(20_000 + 3 * intervalMs + 1);
      abort.abort(new Error("enough"));
      expect((await Promise.allSettled(waiting))[0]?.status).toBe("rejected");
    },
  );

  test("settled to less let a call that waits begin sooner, in its order", async () => {
    const terms = { ...policy, maxWaitMs: 60_000 };
    const ask = (label: string, input: number) =>
      real.reserve(key, terms, { tokens: { label, input, output: 0 } });
    const taken = async (count: number) => (await real.status(key)).usedToday === count;
    const first = await ask("a", 4_000);
    const second = ask("b", 500);
    await expect.poll(() => taken(2)).toBe(true);
    const third = ask("c", 500);
    await expect.poll(() => taken(3)).toBe(true);
    await first.settle(300);
    // Their places in Redis' time: where they stood, less what came back.
    const [b, c] = (await Promise.all([second, third])).map((one) => one.slotAt - first.slotAt);
    expect(b).toBeLessThan(4_000);
    expect(c).toBeLessThan(4_500);
    expect(c).toBeGreaterThan(b ?? 0);
  });

  test("settled to more keep a call that waits out for longer", async () => {
    const terms = { ...policy, maxWaitMs: 60_000 };
    const ask = (label: string, input: number) =>
      real.reserve(key, terms, { tokens: { label, input, output: 0 } });
    const first = await ask("a", 300);
    const second = ask("b", 100);
    await expect.poll(async () => (await real.status(key)).usedToday).toBe(2);
    await first.settle(900);
    // On a busy machine the first may miss its slot and take another; what it waited is its credit.
    const least = 899 - first.waitedMs;
    expect((await second).slotAt - first.slotAt).toBeGreaterThanOrEqual(least);
  });

  test("may have a ceiling for any 60 s that lies above the rate", async () => {
    const terms = { ...policy, tokenCeiling: 61_000 };
    await take(59_000, 0, { terms });
    nowMs += 59_000;
    expect(await waitOf(take(2_001, 0, { terms }))).toBe(1_000);
    expect(await take(2_000, 0, { terms })).toMatchObject({ slotAt: nowMs });
  });

  test("not used in a quiet time are not saved up", async () => {
    await take(100);
    nowMs += 600_000;
    await take(700);
    expect(await waitOf(take(1))).toBe(700);
  });

  test("of a call whose use nobody knows stand as charged", async () => {
    const { settle } = await take(1_000, 500);
    await settle();
    expect(await waitOf(take(1))).toBe(1_500);
  });

  test("owed are not forgotten by a living process when Redis loses everything", async () => {
    await take(5_000);
    await server.connect().flushall();
    expect(await waitOf(take(1))).toBe(5_000);
  });

  test("beyond a minute's are charged as a whole minute", async () => {
    expect(await take(500_000)).toMatchObject({ tokens: 60_000 });
    expect(await waitOf(take(1))).toBe(60_000);
  });

  test("used in any 60 s are never more than a minute's, whatever is settled when", async () => {
    const admitted: { at: number; used: number }[] = [];
    const open: (() => Promise<void>)[] = [];
    const sizes = [7_000, 900, 12_000, 300, 4_000, 2_500];
    for (let round = 0; nowMs < Date.parse("2026-11-21T12:05:00+09:00"); round += 1) {
      const real = sizes[round % sizes.length] ?? 0;
      try {
        const { settle } = await take(real, 2_000, { by: round % 2 ? pace : other });
        admitted.push({ at: nowMs, used: real });
        open.push(() => settle(real));
      } catch (error) {
        nowMs += Math.min((error as TryLater).delayMs, 700);
      }
      if (open.length > 2) await open.shift()?.();
    }
    const fullest = admitted.map(({ at }) =>
      admitted
        .filter((one) => one.at >= at && one.at < at + 60_000)
        .reduce((sum, one) => sum + one.used, 0),
    );
    expect(Math.max(...fullest)).toBeLessThanOrEqual(60_000);
    expect(Math.max(...fullest)).toBeGreaterThan(45_000);
  });

  test("of the last 60 s count too, so that a large call does not come on top of them", async () => {
    await take(59_000);
    nowMs += 59_000;
    await take(1_000);
    nowMs += 999;
    expect(await waitOf(take(60_000))).toBe(59_001);
  });
});

describe("what a call will use", () => {
  test("is learned from those before it by the same label, in every process", async () => {
    const { settle } = await take(100, 2_000);
    await settle(150);
    nowMs += 60_000;
    expect(await take(200, 2_000, { by: other })).toMatchObject({ tokens: 250 });
    nowMs += 60_000;
    expect(await take(200, 2_000, { label: "another" })).toMatchObject({ tokens: 2_200 });
  });

  test("follows slowly, and is never thought to be more than the call's most", async () => {
    for (const used of [1_100, 600]) {
      const { settle } = await take(100, 2_000);
      await settle(used);
      nowMs += 60_000;
    }
    const { settle, tokens } = await take(100, 2_000);
    expect(tokens).toBe(100 + 1_000 - 50);
    await settle();
    nowMs += 60_000;
    expect(await take(100, 300)).toMatchObject({ tokens: 400 });
  });

  test("is not learned from a call that was refused", async () => {
    const { settle } = await take(100, 2_000);
    await settle(0);
    nowMs += 60_000;
    expect(await take(100, 2_000)).toMatchObject({ tokens: 2_100 });
  });
});

describe("calls under way", () => {
  const narrow: PacePolicy = {
    intervalMs: 0,
    maxConcurrency: 2,
    maxWaitMs: 0,
    longestCallMs: 5_000,
  };

  test("are limited over all processes, and an end makes room", async () => {
    const first = await take(1, 0, { terms: narrow });
    await take(1, 0, { terms: narrow, by: other });
    const refused = take(1, 0, { terms: narrow, by: other });
    await expect(refused).rejects.toThrow("동시에");
    await first.settle();
    await take(1, 0, { terms: narrow, by: other });
    expect((await pace.status(key)).usedToday).toBe(3);
  });

  test("of a process that died count no more after the longest time of a call", async () => {
    await take(1, 0, { terms: narrow });
    await take(1, 0, { terms: narrow });
    nowMs += 4_999;
    expect(await waitOf(take(1, 0, { terms: narrow }))).toBe(1_000);
    nowMs += 1;
    await take(1, 0, { terms: narrow });
  });

  test("that end soon are waited for", async () => {
    const patient = { ...narrow, maxConcurrency: 1, maxWaitMs: 10_000 };
    const first = await real.reserve(key, patient);
    const second = real.reserve(key, patient);
    await expect(real.reserve(key, { ...patient, maxWaitMs: 0 })).rejects.toBeInstanceOf(TryLater);
    await first.settle();
    await (await second).settle();
  });
});

test("a call aborted while it waits gives back its slot, its tokens and its place", async () => {
  // So far ahead that no slot comes while the test runs, however slow the machine.
  const terms = { intervalMs: 0, tokensPerMinute: 6_000, maxConcurrency: 2, maxWaitMs: 60_000 };
  const tokens = { label: "a", input: 2_000, output: 0 };
  await real.reserve(key, terms, { tokens });
  const { nextSlotAt } = await real.status(key);
  for (const reason of ["cancelled", "cancelled again"]) {
    const abort = new AbortController();
    const waiting = real.reserve(key, terms, { tokens, signal: abort.signal });
    await expect.poll(async () => (await real.status(key)).usedToday).toBe(2);
    // The second one gets the place of the first.
    expect((await real.status(key)).nextSlotAt).toBe(nextSlotAt + 20_000);
    abort.abort(new Error(reason));
    await expect(waiting).rejects.toThrow(reason);
    expect(await real.status(key)).toMatchObject({ nextSlotAt, usedToday: 1 });
  }
});

test("a key without limits leaves no trace of tokens or calls in Redis", async () => {
  const { settle } = await take(500, 500, { terms: { intervalMs: 0 } });
  await settle(700);
  expect(await server.connect().keys(`*${key}*`)).toEqual([`{ilgam-pace}:${key}:state`]);
});
