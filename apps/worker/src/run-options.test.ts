import { expect, test } from "vitest";
import { readRunLimits } from "./run-options.ts";

test("without arguments it lives until a signal", () => {
  expect(readRunLimits([])).toEqual({ untilEmpty: false });
});

test("a time and emptiness may both end it", () => {
  expect(readRunLimits(["--max-ms", "60000"])).toEqual({ maxMs: 60_000, untilEmpty: false });
  expect(readRunLimits(["--until-empty", "--max-ms=1"])).toEqual({ maxMs: 1, untilEmpty: true });
});

test.each(["0", "-5", "1.5", "60s", "", "2147483648"])("--max-ms %j is refused", (text) => {
  expect(() => readRunLimits([`--max-ms=${text}`])).toThrow(/--max-ms must be a whole number/);
});

test.each([[["--max-sec", "1"]], [["60000"]], [["--max-ms"]], [["--until-empty=yes"]]])(
  "%j is refused, and what there is is told",
  (args) => {
    expect(() => readRunLimits(args)).toThrow(/Usage: npm run start:worker/);
  },
);
