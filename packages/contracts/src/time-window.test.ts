import { expect, test } from "vitest";
import { isOpenAt, TimeZone, type WindowTimes } from "./index.ts";

const berlin = { timeZone: "Europe/Berlin" };
const open = (window: WindowTimes, ...moments: string[]) =>
  moments.map((moment) => isOpenAt(window, new Date(moment)));

test("a window begins with its first minute and ends before its last", () => {
  const day = { from: "09:30", to: "18:00", timeZone: "Asia/Seoul" };
  // Seoul is 9 hours ahead of UTC.
  expect(open(day, "2026-03-02T00:29:59Z", "2026-03-02T00:30:00Z")).toEqual([false, true]);
  expect(open(day, "2026-03-02T08:59:59Z", "2026-03-02T09:00:00Z")).toEqual([true, false]);
});

test("a window over midnight belongs to the day on which it opened", () => {
  const night: WindowTimes = { days: ["fri"], from: "22:00", to: "06:00", timeZone: "UTC" };
  // 2026-03-06 is a Friday.
  expect(open(night, "2026-03-06T21:59Z", "2026-03-06T22:00Z")).toEqual([false, true]);
  expect(open(night, "2026-03-07T05:59Z", "2026-03-07T06:00Z")).toEqual([true, false]);
  expect(open(night, "2026-03-06T05:59Z", "2026-03-07T22:00Z")).toEqual([false, false]);
});

test("Sunday night goes on into Monday", () => {
  const night: WindowTimes = { days: ["sun"], from: "23:00", to: "01:00", timeZone: "UTC" };
  expect(open(night, "2026-03-09T00:30Z", "2026-03-08T00:30Z")).toEqual([true, false]);
});

test("a whole day is 00:00 to 24:00, and 24:00 ends with the day", () => {
  const sunday: WindowTimes = { days: ["sun"], from: "00:00", to: "24:00", timeZone: "UTC" };
  expect(open(sunday, "2026-03-08T00:00Z", "2026-03-08T23:59:59Z")).toEqual([true, true]);
  expect(open(sunday, "2026-03-07T23:59:59Z", "2026-03-09T00:00Z")).toEqual([false, false]);
});

test("an hour that summer time skips is in no window, and what is around it is", () => {
  // On 2026-03-29 at 02:00 clocks in Berlin went to 03:00: 01:00 UTC.
  const skipped = { from: "02:00", to: "03:00", ...berlin };
  expect(open(skipped, "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z")).toEqual([false, false]);
  const around = { from: "01:30", to: "03:30", ...berlin };
  expect(open(around, "2026-03-29T00:30Z", "2026-03-29T01:29Z")).toEqual([true, true]);
  expect(open(around, "2026-03-29T00:29Z", "2026-03-29T01:30Z")).toEqual([false, false]);
});

test("an hour that comes twice in autumn is in its window twice", () => {
  // On 2026-10-25 at 03:00 clocks in Berlin go back to 02:00: 01:00 UTC.
  const twice = { from: "02:00", to: "03:00", ...berlin };
  expect(open(twice, "2026-10-25T00:30Z", "2026-10-25T01:30Z")).toEqual([true, true]);
  expect(open(twice, "2026-10-24T23:59Z", "2026-10-25T02:00Z")).toEqual([false, false]);
});

test("zones are names of the IANA database, offsets and nonsense are not", () => {
  const zones = ["Asia/Seoul", "UTC", "America/Argentina/Ushuaia", "+09:00", "Mars/Olympus", ""];
  expect(zones.map((zone) => TimeZone.safeParse(zone).success)).toEqual([
    ...[true, true, true, false, false, false],
  ]);
});
