import { expect, test } from "vitest";
import { formatLine } from "./format-line.ts";

test("a JSON log line is shown with its level, message and fields", () => {
  const line = JSON.stringify({ level: 40, pid: 7, hostname: "h", msg: "retry", job: "1", ms: 5 });
  expect(formatLine(line)).toBe("warn retry job=1 ms=5");
});

test("a line that is not a log entry is shown as it is", () => {
  for (const line of ["plain words", "{ not json", '{"a":1}', ""]) {
    expect(formatLine(line)).toBe(line);
  }
});
