import { expect, test } from "vitest";
import { bearerOf, isSameKey } from "./index.ts";

test("a Bearer header gives its key, another scheme an empty one, no header none", () => {
  expect(bearerOf("Bearer abc")).toBe("abc");
  expect(bearerOf("bearer   abc  ")).toBe("abc");
  for (const other of ["", "abc", "Basic abc", "Bearer", "Bearer ", "Bearer a b", "xBearer a"]) {
    expect(bearerOf(other), other).toBe("");
  }
  expect(bearerOf(undefined)).toBeUndefined();
});

test("keys are the same when every character is", () => {
  expect(isSameKey("abc", "abc")).toBe(true);
  for (const other of ["", "abd", "ab", "abcd", "ABC"]) expect(isSameKey(other, "abc")).toBe(false);
});
