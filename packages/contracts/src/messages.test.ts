import { expect, test } from "vitest";
import { ApiError, apiErrorStatus, isMessageKey, message } from "./index.ts";

test("every code of a refusal has a sentence in both languages", () => {
  for (const code of Object.keys(apiErrorStatus)) {
    if (!isMessageKey(code)) throw new Error(`${code} has no sentence`);
    expect(message(code, "en")).not.toMatch(/[가-힣]/);
    if (code !== "ai_job_not_found") expect(message(code, "ko")).toMatch(/[가-힣]/);
  }
});

test("system 4's missing job is its document's literal in any language", () => {
  expect(message("ai_job_not_found", "ko")).toBe("Job not found");
  expect(message("ai_job_not_found", "en")).toBe("Job not found");
});

test("placeholders are filled in every place, and left when no value is given", () => {
  expect(message("result_not_ready", "en", { status: "queued" })).toContain("The job is queued.");
  expect(message("waiting_position", "ko", { position: 0 })).toContain("0개");
  expect(message("queue_not_found", "en")).toContain("'{name}'");
});

test("a value is put in as it is, not read as a pattern", () => {
  expect(message("unknown_kind", "en", { kind: "$& {kind}" })).toContain("'$& {kind}'");
});

test("only the catalogue's own names are names of sentences", () => {
  expect([isMessageKey("toString"), isMessageKey("__proto__"), isMessageKey(1)]).toEqual([
    ...[false, false, false],
  ]);
});

test("a refusal carries its status, its fields and when to come back", () => {
  const error = new ApiError("overloaded", {
    ...{ retryAfterSeconds: 2, details: [{ path: "jobs.0", problem: "x" }], values: { a: 1 } },
  });
  expect(error).toMatchObject({
    ...{ statusCode: 503, code: "overloaded", retryAfterSeconds: 2, values: { a: 1 } },
    details: [{ path: "jobs.0", problem: "x" }],
  });
});
