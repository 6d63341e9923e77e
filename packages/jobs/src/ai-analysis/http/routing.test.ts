import { expect, test } from "vitest";
import { routingOf, waitFor } from "./routing.ts";

const simple = { complexity: "simple", runAt: undefined } as const;
const complex = { complexity: "complex", runAt: undefined } as const;

test("by default simple questions are waited for less than 5 s, complex ones not at all", () => {
  const routing = routingOf({});
  expect(waitFor(routing, simple)).toEqual({ patienceMs: 4_700, ahead: true });
  expect(waitFor(routing, complex)).toBeUndefined();
});

test("without a queue every question is waited for as long as its job may take", () => {
  const routing = routingOf({ ENABLE_JOB_QUEUE: "false", AI_ANALYSIS_TIMEOUT_MS: "90000" });
  for (const asked of [simple, complex]) {
    expect(waitFor(routing, asked)).toEqual({ patienceMs: 90_000, ahead: false });
  }
});

test("without routing, without patience or before its time no question is waited for", () => {
  expect(waitFor(routingOf({ ENABLE_COMPLEXITY_ROUTING: "FALSE" }), simple)).toBeUndefined();
  expect(waitFor(routingOf({ AI_SYNC_WAIT_MS: "0" }), simple)).toBeUndefined();
  const runAt = new Date(Date.now() + 60_000).toISOString();
  expect(waitFor(routingOf({}), { ...simple, runAt })).toBeUndefined();
});

test("the flags are on unless they are false, and an unclear word is refused by name", () => {
  for (const on of [undefined, "", "true", " TRUE "]) {
    const routing = routingOf({ ENABLE_JOB_QUEUE: on, ENABLE_COMPLEXITY_ROUTING: on });
    expect(routing).toMatchObject({ queue: true, byComplexity: true });
  }
  for (const name of ["ENABLE_JOB_QUEUE", "ENABLE_COMPLEXITY_ROUTING"]) {
    expect(() => routingOf({ [name]: "0" })).toThrow(`${name} must be true or false, not "0"`);
  }
  for (const wait of ["-1", "60001", "1.5", "5s"]) {
    expect(() => routingOf({ AI_SYNC_WAIT_MS: wait })).toThrow("AI_SYNC_WAIT_MS");
  }
});
