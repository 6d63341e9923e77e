import { expect, test } from "vitest";
import { cronProblem, latestTime, nextTime } from "./cron.ts";

const start = new Date("2026-01-01T00:00:00Z");
const problem = (pattern: string, zone = "UTC") => cronProblem(pattern, zone, start);
const times = (pattern: string, zone: string, from: string, count: number) => {
  const found: string[] = [];
  let at = new Date(from);
  while (found.length < count) {
    const next = nextTime(pattern, zone, at);
    if (!next) break;
    found.push(next.toISOString());
    at = next;
  }
  return found;
};

test.each(["0 9 * * 1-5", "*/15 * * * *", "30 0 9 * * *", "*/10 * * * * *", "0 9 L * *"])(
  "%s is taken",
  (pattern) => expect(problem(pattern)).toBeUndefined(),
);

test.each<[string, string]>([
  ["", "cron_form"],
  ["* * *", "cron_form"],
  ["* * * * * * *", "cron_form"],
  ["61 * * * *", "cron_form"],
  ["every day please now", "cron_form"],
  ["@daily", "cron_form"],
  ["H * * * *", "cron_form"],
  ["*/0 * * * *", "cron_form"],
  ["0 0 30 2 *", "cron_never"],
  ["0 9 31 2,4,6 *", "cron_never"],
  ["* * * * * *", "cron_too_often"],
  ["0,5 0 9 * * *", "cron_too_often"],
  ["0,55 * * * * *", "cron_too_often"],
  ["0,55 9,10 9 * * *", "cron_too_often"],
  ["0,55 0,59 8,9 * * *", "cron_too_often"],
])("%j is refused: %s", (pattern, key) => expect(problem(pattern)).toBe(key));

test("seconds that come close only in minutes that the pattern leaves out are far enough apart", () => {
  expect(problem("0,55 0 9 * * *")).toBeUndefined();
  expect(problem("0,55 0,59 9 * * *")).toBeUndefined();
});

test("times go by the clock on the wall of the zone", () => {
  expect(times("0 9 * * *", "Asia/Seoul", "2026-01-01T00:00:00Z", 2)).toEqual([
    ...["2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z"],
  ]);
});

test("a time that summer time skips comes an hour later, on that day only", () => {
  expect(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", 3)).toEqual([
    ...["2026-03-28T01:30:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z"],
  ]);
});

test("a time that comes twice in autumn is taken once", () => {
  expect(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2)).toEqual([
    ...["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
  ]);
});

test("the latest time is the moment itself or the one before it", () => {
  const latest = (at: string) => latestTime("*/10 * * * *", "UTC", new Date(at))?.toISOString();
  expect(latest("2026-01-01T00:10:00.000Z")).toBe("2026-01-01T00:10:00.000Z");
  expect(latest("2026-01-01T00:09:59.999Z")).toBe("2026-01-01T00:00:00.000Z");
});
