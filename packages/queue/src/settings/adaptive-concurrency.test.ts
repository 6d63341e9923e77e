import { expect, test } from "vitest";
import { type CallEnd, createAdaptiveConcurrency } from "./adaptive-concurrency.ts";

const bounds = { min: 2, max: 20 };
const intervalMs = 1_000;

/**
 * An upstream that is asked without a pause by as many callers as are let; it answers what it is
 * told to for that many. Returns the number after each interval.
 */
function simulate(
  intervals: number,
  answer: (callers: number) => CallEnd,
  options: { start?: number; targetMs?: number; inHand?: number } = {},
) {
  const { start = 10, targetMs } = options;
  const adaptive = createAdaptiveConcurrency(start, { ...bounds, ...(targetMs && { targetMs }) });
  const run = (count: number, by: typeof answer, from = 0) =>
    Array.from({ length: count }, (_, index) => {
      const end = (from + index + 1) * intervalMs;
      const callers = adaptive.value();
      const call = by(callers);
      for (let at = end - intervalMs + call.ms; at <= end; at += Math.max(call.ms, 50)) {
        for (let one = 0; one < callers; one += 1) {
          adaptive.note(call, at, options.inHand ?? callers);
        }
      }
      return adaptive.step(end);
    });
  return { values: run(intervals, answer), run, adaptive };
}

const ok = (ms: number): CallEnd => ({ outcome: "ok", ms });
const throttled: CallEnd = { outcome: "throttled", ms: 10 };

test("a healthy upstream is asked by one more each interval, up to the bound", () => {
  const { values } = simulate(15, () => ok(100));
  expect(values.slice(0, 3)).toEqual([11, 12, 13]);
  expect(values.at(-1)).toBe(20);
});

test("what does not use up its number gets no more", () => {
  expect(simulate(5, () => ok(100), { inHand: 3 }).values).toEqual([10, 10, 10, 10, 10]);
});

test("a throttled call halves the number, down to the bound and no further", () => {
  expect(simulate(5, () => throttled).values).toEqual([5, 2, 2, 2, 2]);
});

test("it finds the number that the upstream takes, and stays near it", () => {
  const { values } = simulate(60, (callers) => (callers > 8 ? throttled : ok(100)));
  const settled = values.slice(10);
  expect(Math.max(...settled)).toBeLessThanOrEqual(9);
  expect(Math.min(...settled)).toBeGreaterThanOrEqual(4);
});

test("answers over the target lower it, under the target raise it", () => {
  const slowing = (callers: number) => ok(callers * 50);
  const { values } = simulate(60, slowing, { start: 20, targetMs: 400 });
  const settled = values.slice(10);
  expect(Math.max(...settled)).toBeLessThanOrEqual(9);
  expect(Math.min(...settled)).toBeGreaterThanOrEqual(6);
});

test("without a target, slow is twice what is usual, and what is usual is not forgotten", () => {
  const { run, values } = simulate(5, () => ok(100));
  expect(values.at(-1)).toBe(15);
  const slow = run(20, () => ok(500), 5);
  expect(slow.at(-1)).toBe(bounds.min);
  expect(run(30, () => ok(100), 25).at(-1)).toBe(bounds.max);
});

test("quick answers that vary by milliseconds are not slow", () => {
  let turn = 0;
  const varying = () => {
    turn += 1;
    return ok(turn % 2 === 0 ? 5 : 20);
  };
  expect(simulate(10, varying).values.at(-1)).toBe(20);
});

test("a stream of errors or silence raises nothing", () => {
  expect(simulate(3, () => ({ outcome: "error", ms: 20 })).values).toEqual([10, 10, 10]);
  const silent = createAdaptiveConcurrency(10, bounds);
  expect([silent.step(1_000), silent.step(2_000)]).toEqual([10, 10]);
});

test("timeouts count as slow answers", () => {
  const timeout: CallEnd = { outcome: "timeout", ms: 900 };
  expect(simulate(3, () => timeout, { targetMs: 300 }).values).toEqual([7, 5, 3]);
});

test("calls that began before a change say nothing about the new number", () => {
  const adaptive = createAdaptiveConcurrency(16, bounds);
  adaptive.note(throttled, 900, 16);
  expect(adaptive.step(1_000)).toBe(8);
  adaptive.note({ outcome: "throttled", ms: 5_000 }, 1_500, 16);
  expect(adaptive.step(2_000)).toBe(8);
  adaptive.note({ outcome: "throttled", ms: 500 }, 2_900, 8);
  expect(adaptive.step(3_000)).toBe(4);
});

test("new bounds hold at once", () => {
  const adaptive = createAdaptiveConcurrency(30, bounds);
  expect(adaptive.value()).toBe(20);
  adaptive.setBounds({ min: 1, max: 5 });
  expect(adaptive.value()).toBe(5);
});
