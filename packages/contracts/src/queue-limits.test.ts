import { expect, test } from "vitest";
import { limitsInForce, type QueueOverrides, QueuePatch } from "./index.ts";

const declared = { globalConcurrency: 20, rate: { max: 5, durationMs: 1_000 } };
const always = { from: "00:00", to: "24:00", timeZone: "UTC" };
const night = { from: "22:00", to: "06:00", timeZone: "UTC" };
const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);
const inForce = (overrides: QueueOverrides, time = "23:00", paused = false) =>
  limitsInForce({ paused, declared, overrides }, at(time));

test("without overrides the declared limits hold", () => {
  expect(inForce({})).toEqual({
    ...{ paused: false, concurrency: null, ...declared, adaptive: null, window: null },
    because: {
      ...{ paused: null, concurrency: "declared" },
      ...{ globalConcurrency: "declared", rate: "declared" },
    },
  });
});

test("an override of null lifts a limit", () => {
  expect(inForce({ globalConcurrency: null, rate: null })).toMatchObject({
    ...{ globalConcurrency: null, rate: null },
    because: { globalConcurrency: "override", rate: "override" },
  });
});

test("an open window goes before the override, what it does not name stays", () => {
  const overrides = {
    ...{ concurrency: 3, globalConcurrency: 30 },
    windows: [{ name: "night", ...night, globalConcurrency: null }],
  };
  expect(inForce(overrides, "23:00")).toMatchObject({
    ...{ window: "night", concurrency: 3, globalConcurrency: null },
    because: { concurrency: "override", globalConcurrency: "window" },
  });
  expect(inForce(overrides, "12:00")).toMatchObject({ window: null, globalConcurrency: 30 });
});

test("of windows that overlap the first one holds, alone", () => {
  const windows = [
    { name: "late", ...night, from: "23:00", concurrency: 9 },
    { name: "night", ...night, concurrency: 5, globalConcurrency: 50 },
  ];
  expect(inForce({ windows }, "22:30")).toMatchObject({ window: "night", concurrency: 5 });
  expect(inForce({ windows }, "23:30")).toMatchObject({
    ...{ window: "late", concurrency: 9, globalConcurrency: 20 },
  });
});

test("a window pauses, and does not resume what an operator has paused", () => {
  const windows = [{ name: "off", ...night, paused: true as const }];
  expect(inForce({ windows })).toMatchObject({ paused: true, because: { paused: "window" } });
  expect(inForce({ windows }, "12:00")).toMatchObject({ paused: false });
  const held = inForce({ windows }, "12:00", true);
  expect(held).toMatchObject({ paused: true, because: { paused: "operator" } });
});

test("a window's concurrency lowers the bounds of an adaptive queue", () => {
  const adaptive = { min: 4, max: 10, targetMs: 500 };
  const windows = [{ name: "all", ...always, concurrency: 2 }];
  expect(inForce({ adaptive })).toMatchObject({ adaptive, because: { concurrency: "adaptive" } });
  expect(inForce({ adaptive, windows }).adaptive).toEqual({ min: 2, max: 2, targetMs: 500 });
});

test.each<[string, unknown]>([
  ["nothing", {}],
  ["an unknown field", { concurency: 3 }],
  ["a concurrency of 0", { concurrency: 0 }],
  ["no concurrency at all", { concurrency: null }],
  ["half a job", { globalConcurrency: 1.5 }],
  ["a rate without a duration", { rate: { max: 1 } }],
  ["a setting set and reset at once", { rate: null, reset: ["rate"] }],
  ["a reset of what there is not", { reset: ["paused"] }],
  ["bounds the wrong way round", { adaptive: { min: 5, max: 4 } }],
  ["a window without a limit", { windows: [{ name: "a", ...night }] }],
  ["a window of no length", { windows: [{ name: "a", ...night, to: "22:00", concurrency: 1 }] }],
  ["a time that is none", { windows: [{ name: "a", ...night, from: "24:00", concurrency: 1 }] }],
  ["no days", { windows: [{ name: "a", ...night, days: [], concurrency: 1 }] }],
  [
    "windows of one name",
    { windows: [1, 2].map((concurrency) => ({ name: "a", ...night, concurrency })) },
  ],
  ["a window that resumes", { windows: [{ name: "a", ...night, paused: false }] }],
])("%s is refused", (_, patch) => {
  expect(QueuePatch.safeParse(patch).success).toBe(false);
});

test("what is right is taken as it stands", () => {
  const patch = {
    ...{ concurrency: 8, rate: null, reset: ["globalConcurrency"], adaptive: { min: 1, max: 1 } },
    windows: [{ name: "night", ...night, days: ["mon", "sun"], paused: true }],
  };
  expect(QueuePatch.parse(patch)).toEqual(patch);
});
