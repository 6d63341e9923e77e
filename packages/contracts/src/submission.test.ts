import { expect, test } from "vitest";
import {
  isTerminal,
  JobStatus,
  JobSubmission,
  priorityOffsetSeconds,
  terminalStatuses,
} from "./index.ts";

const pathsOf = (value: unknown) => {
  const parsed = JobSubmission.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join("."));
};

test("a kind and an input are enough; the rest has its defaults", () => {
  expect(JobSubmission.parse({ kind: "echo", input: { a: 1 } })).toEqual({
    ...{ kind: "echo", input: { a: 1 }, priority: "normal", tags: [], metadata: {} },
  });
});

test("every field may be given", () => {
  const full = {
    ...{ kind: "echo", input: null, priority: "high", runAt: "2027-01-01T09:00:00+09:00" },
    ...{
      expiresInMs: 300 * 86_400_000,
      maxAttempts: 100,
      tags: ["a"],
      callbackUrl: "https://x.y/z",
    },
    metadata: { any: [1] },
  };
  expect(JobSubmission.parse(full)).toEqual(full);
});

const wrong: [string, Record<string, unknown>, string][] = [
  ["no kind", { kind: undefined }, "kind"],
  ["an unknown field", { prio: 1 }, ""],
  ["a wrong priority", { priority: "urgent" }, "priority"],
  ["both a start time and a delay", { runAt: "2027-01-01T00:00:00Z", delayMs: 1 }, "delayMs"],
  ["a start time without a zone", { runAt: "2027-01-01T00:00:00" }, "runAt"],
  ["a negative delay", { delayMs: -1 }, "delayMs"],
  ["a delay of more than a year", { delayMs: 367 * 86_400_000 }, "delayMs"],
  ["a broken delay", { delayMs: 1.5 }, "delayMs"],
  ["no attempt", { maxAttempts: 0 }, "maxAttempts"],
  ["too many attempts", { maxAttempts: 101 }, "maxAttempts"],
  ["21 tags", { tags: Array.from({ length: 21 }, String) }, "tags"],
  ["a blank tag", { tags: [""] }, "tags.0"],
  ["a callback with a password in it", { callbackUrl: "https://me:secret@x.y/" }, "callbackUrl"],
  [
    "a callback that grows too long in ASCII",
    { callbackUrl: `https://x.y/${"가".repeat(900)}` },
    "callbackUrl",
  ],
  ["a callback that is no web address", { callbackUrl: "file:///etc/passwd" }, "callbackUrl"],
  ["metadata that is a list", { metadata: [] }, "metadata"],
];

test.each(wrong)("%s is refused, by its field", (_, fields, path) => {
  expect(pathsOf({ kind: "echo", input: 1, ...fields })).toEqual([path]);
});

test("the terminal statuses are those that nothing leaves", () => {
  const terminal = JobStatus.options.filter(isTerminal);
  expect(terminal).toEqual([...terminalStatuses]);
});

test("the classes stand in their order", () => {
  const { high, normal, low } = priorityOffsetSeconds;
  expect([high, normal, low]).toEqual([high, normal, low].toSorted((a, b) => a - b));
});
