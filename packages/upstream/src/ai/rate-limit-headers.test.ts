import { expect, test } from "vitest";
import { exhaustedForMs, readDurationMs, refusedForMs } from "./rate-limit-headers.ts";

test.each([
  ["6m0s", 360_000],
  ["1s", 1_000],
  ["20ms", 20],
  ["7.66s", 7_660],
  ["1h2m3.5s", 3_723_500],
  ["1d", 86_400_000],
  ["12", 12_000],
  ["", undefined],
  ["soon", undefined],
  ["-1s", undefined],
  ["1s later", undefined],
])("%j is %j ms", (text, expected) => {
  expect(readDurationMs(text)).toBe(expected);
});

function left(what: string, remaining: string, reset: string, limit?: string): Headers {
  return new Headers({
    [`x-ratelimit-remaining-${what}`]: remaining,
    [`x-ratelimit-reset-${what}`]: reset,
    ...(limit && { [`x-ratelimit-limit-${what}`]: limit }),
  });
}

test.each([
  ["something left", left("requests", "1", "59s", "60"), undefined],
  ["nothing left", left("requests", "0", "59s", "60"), 59_000],
  [
    "nothing left of a day: the next call's share of it",
    left("requests", "0", "24h", "200"),
    432_000,
  ],
  ["nothing left of a day that names no limit", left("requests", "0", "24h"), 60_000],
  ["enough tokens", left("tokens", "500", "50s", "30000"), undefined],
  ["too few tokens: until they are back", left("tokens", "100", "29.9s", "30000"), 400],
  ["no tokens", left("tokens", "0", "30s", "30000"), 30_000],
  ["unreadable", left("requests", "none", "30s"), undefined],
  ["no reset", new Headers({ "x-ratelimit-remaining-requests": "0" }), undefined],
])("%s", (_what, headers, expected) => {
  expect(exhaustedForMs(headers, 500)).toBe(expected);
});

test("a refusal's own wait goes before what is left", () => {
  const headers = left("requests", "0", "59s", "60");
  headers.set("retry-after", "3");
  expect(refusedForMs(headers, Date.now())).toBe(3_000);
  headers.set("retry-after-ms", "100");
  expect(refusedForMs(headers, Date.now())).toBe(100);
  headers.set("retry-after-ms", "1e15");
  expect(refusedForMs(headers, Date.now())).toBe(86_400_000);
});
