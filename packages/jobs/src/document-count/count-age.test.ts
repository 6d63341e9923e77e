import { expect, test } from "vitest";
import { countAgeOf } from "./count-age.ts";

test("counts are reused for 24 hours unless the operator says otherwise", () => {
  expect(countAgeOf({}).maxAgeMs).toBe(86_400_000);
  expect(countAgeOf({ DOCUMENT_COUNT_CACHE_HOURS: "" }).maxAgeMs).toBe(86_400_000);
  expect(countAgeOf({ DOCUMENT_COUNT_CACHE_HOURS: "0.5" }).maxAgeMs).toBe(1_800_000);
  expect(countAgeOf({ DOCUMENT_COUNT_CACHE_HOURS: "0" }).maxAgeMs).toBe(0);
});

test("a wrong cache age is refused by the name of its setting", () => {
  for (const wrong of ["a day", "-1", "Infinity"]) {
    expect(() => countAgeOf({ DOCUMENT_COUNT_CACHE_HOURS: wrong })).toThrow(
      /DOCUMENT_COUNT_CACHE_HOURS/,
    );
  }
});

test("the real service is told by its address, or by credentials without an address", () => {
  const realOnly = (env: Record<string, string>) => countAgeOf(env).realOnly;
  expect(realOnly({ NAVER_BASE_URL: "https://openapi.naver.com" })).toBe(true);
  expect(realOnly({ NAVER_CLIENT_ID: "id" })).toBe(true);
  expect(realOnly({ NAVER_CLIENT_ID: "id", NAVER_BASE_URL: "http://127.0.0.1:4010" })).toBe(false);
  expect(realOnly({ NAVER_CLIENT_ID: "id", NAVER_PROVIDER: "sandbox" })).toBe(false);
  expect(realOnly({})).toBe(false);
});
