import { RetryableError } from "@ilgam/contracts";
import { expect, test } from "vitest";
import { softLimit } from "./document-work.ts";

test("after the soft limit an attempt ends to be taken up again", () => {
  expect(() => softLimit(60_000)()).not.toThrow();
  expect(() => softLimit(0)()).toThrow(RetryableError);
});
