import { expect, test } from "vitest";
import { parseTraceparent, traceIdOf, traceparentOf } from "./traceparent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

test("a traceparent is read and written", () => {
  const text = `00-${traceId}-${spanId}-01`;
  expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled: true });
  expect(traceparentOf({ traceId, spanId, sampled: true })).toBe(text);
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false);
  expect(traceIdOf(text)).toBe(traceId);
});

test("a later version may say more", () => {
  expect(parseTraceparent(`cc-${traceId}-${spanId}-01-more`)).toMatchObject({ traceId });
});

test.each([
  ["nothing", undefined],
  ["no text", ""],
  ["too short", `00-${traceId}-${spanId}`],
  ["upper case", `00-${traceId.toUpperCase()}-${spanId}-01`],
  ["a forbidden version", `ff-${traceId}-${spanId}-01`],
  ["more than version 00 has", `00-${traceId}-${spanId}-01-more`],
  ["no trace", `00-${"0".repeat(32)}-${spanId}-01`],
  ["no span", `00-${traceId}-${"0".repeat(16)}-01`],
  ["a second header", `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
  ["something hostile", `00-${"a".repeat(100_000)}`],
])("%s is no traceparent", (_, text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
