import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.parse("2026-11-21T00:00:00Z");

test.each([
  ["7", 7_000],
  ["1.5", 1_500],
  ["0", undefined],
  ["-3", undefined],
  ["soon", undefined],
  ["", undefined],
  ["Sat, 21 Nov 2026 00:01:00 GMT", 60_000],
  ["Fri, 20 Nov 2026 00:00:00 GMT", undefined],
  ["999999999", 86_400_000],
])("Retry-After %j is a wait of %j ms", (value, expected) => {
  expect(retryAfterMs({ "retry-after": value }, now)).toBe(expected);
});

test("no Retry-After is no wait", () => {
  expect(retryAfterMs({}, now)).toBeUndefined();
});
